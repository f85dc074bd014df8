// Loaded in development alone, by `lona-sync run --live-reload`: see server/process/live_reload.py.

const PAUSE = 250;               // ms between two tries while nobody answers
const PATH = '/_lona_sync/live-reload';

let seen = new URL(import.meta.url).searchParams;
let overlay, asking;
const standsForTheProgram = seen.get('broken') === '1';

document.addEventListener('visibilitychange', () => {
  if (document.hidden) asking?.abort();                  // a browser has six connections for all pages of a host
});

for (;;) {
  const told = await ask();
  if (!told) continue;
  if (told.error) show(told.error);
  else if (standsForTheProgram || told.page !== seen.get('page')) {
    location.reload();
    break;
  } else {
    overlay?.remove();
    overlay = null;
    if (told.styles !== seen.get('styles')) restyle(told.styles);
    if (told.run !== seen.get('run')) dispatchEvent(new Event('online'));          // the socket is not to wait for its next try
  }
  delete told.error;
  seen = new URLSearchParams(told);
}

async function ask() {
  try {
    while (document.hidden) {
      await new Promise((resolve) => { document.addEventListener('visibilitychange', resolve, {once: true}); });
    }
    asking = new AbortController();
    const response = await fetch(`${PATH}?${seen}`, {cache: 'no-store', signal: asking.signal});
    if (response.ok) return await response.json();
  } catch { /* it is being started anew, or nobody looks */ }
  await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
}

function restyle(number) {
  for (const link of document.querySelectorAll('link[rel=stylesheet]')) {
    const url = new URL(link.href);
    if (url.origin !== location.origin) continue;
    url.searchParams.set('live', number);
    const next = link.cloneNode();
    next.href = url;
    next.onload = next.onerror = () => link.remove();          // not before: a page without any style would flash
    link.after(next);
  }
}

function show(error) {
  if (!overlay) {
    overlay = document.body.appendChild(document.createElement('div'));
    overlay.attachShadow({mode: 'open'});                      // what the page's style sheets say is not for it
    overlay.setAttribute('role', 'alert');
  }
  overlay.id = 'lona-live-reload';
  overlay.style.cssText = `position: fixed; inset: 0; z-index: 2147483647; overflow: auto; padding: clamp(1rem, 4vw, 3rem);
    background: #1b1b1ff6; color: #eee; font: 15px/1.5 ui-monospace, monospace; text-align: left`;
  const [head, body] = [document.createElement('h1'), document.createElement('pre')];
  head.textContent = 'The program does not start';
  head.style.cssText = 'margin: 0 0 1rem; color: #ff8a8a; font: 600 1.3rem/1.3 system-ui, sans-serif';
  body.textContent = error;
  body.style.cssText = 'margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; color: inherit; background: none';
  const foot = document.createElement('p');
  foot.textContent = 'This page comes back when the file is saved again.';
  foot.style.cssText = 'margin: 1rem 0 0; color: #aaa; font: 14px/1.4 system-ui, sans-serif';
  overlay.shadowRoot.replaceChildren(head, body, foot);
}
