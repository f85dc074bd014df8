import {clickData} from './protocol.js';
import {issued, tell} from './tokens.js';

const PERIOD = 100;              // ms between two reports of a size
const REST = 150;                // ms without scrolling, where the browser does not tell its end
const DROPPED = 100_000;         // characters
const SIDES = ['scrollTop', 'scrollLeft', 'scrollHeight', 'scrollWidth', 'clientHeight', 'clientWidth'];
const TIMER = Symbol('timer');
const seen = new Map();           // where in the page each visible element was at its last report
let dragged = null;

const observer = {
  visible: new IntersectionObserver((entries) => {
    for (const {target, isIntersecting, intersectionRatio, boundingClientRect} of entries) {
      const place = isIntersecting ? placeOf(target, boundingClientRect) : undefined;
      if (place === seen.get(target)) continue;
      if (place) seen.set(target, place);
      else seen.delete(target);
      tell(target, {type: 'visible'}, [isIntersecting, intersectionRatio]);
    }
  }),
  resize: new ResizeObserver((entries) => {
    for (const {target} of entries) {
      target[TIMER] ||= setTimeout(() => {
        target[TIMER] = 0;
        const {width, height} = target.getBoundingClientRect();
        tell(target, {type: 'resize'}, [width, height]);
      }, PERIOD);
    }
  }),
};

/** However far what is around it is scrolled. */
function placeOf(element, {x, y, width, height}) {
  for (let around = element.parentElement; around; around = around.parentElement) {
    x += around.scrollLeft;
    y += around.scrollTop;
  }
  return `${[x, y, width, height].map(Math.round)}`;
}

// The end of a list that is still in sight when rows came before it has to say so: no border was crossed.
new MutationObserver(() => {
  for (const element of seen.keys()) {
    observer.visible.unobserve(element);
    observer.visible.observe(element);               // reports anew, without a layout in between
  }
}).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});

const observed = {visible: new WeakSet(), resize: new WeakSet()};
const listeners = {
  scroll_end: {
    scrollend,
    scroll({currentTarget: element}) {
      clearTimeout(element[REST]);
      if (!('onscrollend' in window)) element[REST] = setTimeout(() => scrollend({type: 'scrollend', currentTarget: element}), REST);
    },
  },
  drag_start: {dragstart: dragging},
  drag_end: {dragend: (event) => tell(event.currentTarget, event, event.dataTransfer.dropEffect !== 'none')},
  drag_enter: {dragenter: crossed},
  drag_leave: {dragleave: crossed},
  drop: {dragenter: allow, dragover: allow, drop},
};

/** What takes more than to wait for an event at the window's root. An observer holds no element that is gone. */
export function sense(element) {
  for (const name in observer) {
    const wanted = Boolean(issued(element, name));
    if (wanted === observed[name].has(element)) continue;         // a size that is observed twice is reported twice
    observed[name][wanted ? 'add' : 'delete'](element);
    observer[name][wanted ? 'observe' : 'unobserve'](element);
    if (name === 'visible') seen.delete(element);
  }
  for (const name in listeners) {
    for (const type in listeners[name]) {
      element[issued(element, name) ? 'addEventListener' : 'removeEventListener'](type, listeners[name][type]);
    }
  }
}

function scrollend(event) {
  const {currentTarget: element} = event;
  tell(element, event, SIDES.map((side) => element[side]));
}

document.addEventListener('dragstart', ({target, dataTransfer}) => {
  const element = target instanceof Element ? target : target.parentElement;    // a selected text
  dragged = element.closest('[draggable=true]') ?? element;
  if (!dataTransfer.types.length) dataTransfer.setData('text/plain', '');      // Firefox drags nothing that is nothing
});
document.addEventListener('dragend', () => { dragged = null; });

const place = (event) => [...clickData(event, event.currentTarget, event.target), dragged ?? 0];

function dragging(event) {
  tell(event.currentTarget, event, clickData(event, event.currentTarget, event.target));
}

function crossed(event) {
  const {currentTarget: element, relatedTarget, type} = event;
  if (!element.contains(relatedTarget)) tell(element, {type}, place(event));
}

function allow(event) {
  if (!event.currentTarget.matches('[disabled]')) event.preventDefault();       // else nothing can be dropped here
}

function drop(event) {
  const {dataTransfer} = event;
  event.preventDefault();
  tell(event.currentTarget, event, [...place(event), dataTransfer.getData('text').slice(0, DROPPED), dataTransfer.files.length]);
}
