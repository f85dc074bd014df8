"""A page of a browser without a screen: what it shows, and what its user does, each in a short method of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import gevent

from ..html.keys import Key
from ..views.files import FILES
from ..wire import protocol
from .dom import ModelElement
from .form_data import Submission, is_submit_button, submission, submit_button
from .keyboard import Stroke, strokes
from .tab import Tab
from .uploads import ChosenFile, Upload


class Page(Tab):
    """One tab. `status` is the HTTP status of its page; `closed` the code with which the server ended its connection, or None;
    `refused` why it starts no view at the moment ('busy', 'crowded'), or None: the page asks again, as a browser does.

    `scripts` has the methods that `node.call()` finds in this page: `page.scripts["getSelection"] = lambda element: "abc"`; what
    they raise is what they have thrown. For `View.run_js` it is `page.scripts["run_js"] = lambda code, args: …`.
    `called` lists the calls.

    `not_taken` lists the events that did not count, since the user could not have seen yet what the one before had done
    (`Node.stale`): their names and elements. `insists`: what the user says when the browser asks about one of them.
    """

    # Reading.

    def text(self, selector: str | None = None) -> str:
        """The exact text of the page, or of the first element that the CSS selector matches."""
        self._check()
        return self.dom.text(selector)

    def find(self, selector: str) -> ModelElement:
        """The first element that the CSS selector matches. Raises `LookupError`, which shows what there is."""
        self._check()
        return self.dom.find(selector)

    def find_all(self, selector: str) -> list[ModelElement]:
        """All elements that the CSS selector matches, in document order."""
        self._check()
        return self.dom.find_all(selector)

    def html(self) -> str:
        """What the page shows, as HTML."""
        self._check()
        return self.dom.html()

    @property
    def title(self) -> str | None:
        """What the view has set as title; None without."""
        return self.dom.title

    def wait_for(self, condition: str | Callable[[], object], timeout: float = 5.0) -> Any:
        """Wait until a selector finds something, or `condition()` is true; its result. AssertionError after `timeout` seconds."""
        waited = 0.0
        while True:
            self.settle()
            result = next(iter(self.dom.find_all(condition)), None) if isinstance(condition, str) else condition()
            if result:
                return result
            if waited >= timeout:
                shown = self.dom.pretty_html()
                still = ", where time stands still until you advance it" if self.client.clock.stopped else ""
                raise AssertionError(f"{condition!r} did not come true within {timeout} s{still}; the page shows\n{shown}")
            gevent.sleep(0.005)
            waited += 0.005

    # Acting as the user does.

    def click(self, target: str | ModelElement) -> None:
        """Click on the first element that a selector matches. A link without a click event is followed; a checkbox changes.

        Raises `LookupError` when a click there does nothing, `ValueError` when the element is disabled.
        """
        self.click_quickly(target)
        self.settle()

    def click_quickly(self, target: str | ModelElement) -> None:
        """`click` without waiting for what it does, for clicks in quick succession."""
        element = self._find(target)
        issuer, form = _issuer(element, "click"), _form_around(element)
        if issuer is not None:
            if issuer.is_disabled:
                raise ValueError(f"{issuer!r} is disabled: it cannot be clicked")
            self._send_event("click", issuer, [1, 1, 10, 10, 0, _hit(element)])
            if form is not None and issuer is element and element.tag == "button" and element.attributes.get("type") == "submit":
                self._submit(form, element)
        elif element.attributes.get("type") in ("checkbox", "radio"):
            self.check(element, not element.checked)
        elif form is not None and is_submit_button(element):
            self._submit(form, element)
        else:
            link = next((each for each in [element, *element.ancestors] if each.tag == "a" and "href" in each.attributes), None)
            if link is None:
                raise LookupError(f"{element!r} issues no clicks, nor does anything around it")
            self.go(str(link.attributes["href"]))

    def type(self, target: str | ModelElement, text: str) -> None:
        """Replace the value of a text field, and wait out its delay."""
        self._type(target, text, text)

    def type_half(self, target: str | ModelElement, text: str) -> None:
        """The same with a text that is no value, as half a date or "1e": a browser says only that there is none."""
        self._type(target, text, None)

    def check(self, target: str | ModelElement, checked: bool = True) -> None:
        """Set or clear a checkbox, or choose a radio button."""
        element = self._find(target)
        self._forbid_disabled(element)
        element.checked = checked
        self._change(element, checked)

    def select(self, target: str | ModelElement, *options: int | str) -> None:
        """Choose these options of a select, and no others: by place, counted from 0, by text, or by value as it stands in the HTML.

        Raises `LookupError` when there is no such option, `ValueError` when it is disabled.
        """
        element = self._find(target)
        self._forbid_disabled(element)
        indexes = [_option(element, option) for option in options]
        for index in indexes:
            self._forbid_disabled(element.options[index])
        element.selected_indexes = indexes
        self._change(element, [option.id for option in element.selected_options])

    def choose(self, target: str | ModelElement, *files: ChosenFile) -> Upload:
        """Choose files for a file input, and announce them; what `Upload.send` is called for follows. As: `("a.txt", b"hello")`."""
        element = self._find(target)
        self._forbid_disabled(element)
        if element.widget is None or element.widget[0] != "lona-uploads":
            raise LookupError(f"{element!r} is no file input")
        upload = Upload(self.client.http, f"{FILES}{self._view}", element.widget[1]["input"], files)
        self.settle()
        return upload

    def upload(self, target: str | ModelElement, *files: ChosenFile) -> Upload:
        """Choose files and send them: `page.upload("input", ("a.txt", b"hello"))`. A form is not submitted by that."""
        upload = self.choose(target, *files)
        upload.send()
        self.settle()
        return upload

    def submit(self, target: str | ModelElement = "form", button: str | ModelElement | None = None) -> None:
        """Send a form by its first submit button, as Enter in a field does, or by `button`. `target`: the form, or something in it.

        What a browser demands of the values first (`required`, `min`, …) is not asked here, so that the server's check can be seen.
        """
        form = _form_around(self._find(target))
        if form is None:
            raise LookupError(f"{target!r} stands in no form")
        self._submit(form, submit_button(form) if button is None else self._find(button))
        self.settle()

    def focus(self, target: str | ModelElement) -> None:
        """Put the focus on an element."""
        self._issue("focus", target)

    def blur(self, target: str | ModelElement) -> None:
        """Take the focus away from an element."""
        self._issue("blur", target)

    def double_click(self, target: str | ModelElement) -> None:
        """The double click alone; a user's has two clicks before it."""
        element = self._find(target)
        issuer = _issuer(element, "double_click")
        if issuer is None or issuer.is_disabled:
            raise LookupError(f"{element!r} issues no double clicks, nor does anything around it")
        self._send_event("double_click", issuer, [1, 1, 10, 10, 0, _hit(element)])
        self.settle()

    def press(self, target: str | ModelElement, key: str) -> None:
        """Press and release a key with its modifiers: 'Enter', 'a', 'Ctrl+S'; Mod is Ctrl here.

        What is reported is what Chromium reports of a US keyboard, the modifiers' own keys too where somebody asks for them.
        Raises `LookupError` when no element asks for the key itself.
        """
        element = self._find(target)
        path = [element, *element.ancestors]
        every, itself = strokes(Key.parse(key))
        asked = [(stroke, next((each for each in path if _asks_for(each, stroke)), None)) for stroke in every]
        if not any(issuer for stroke, issuer in asked if stroke in itself):
            raise LookupError(f"neither {element!r} nor anything around it asks for the key {key!r}")
        for stroke, issuer in asked:
            if issuer is not None and not issuer.is_disabled:
                self._send_event(stroke.event, issuer, [stroke.key, stroke.code, False, stroke.held])
        self.settle()

    def fire(self, name: str, data: object = None, target: str | ModelElement | None = None) -> None:
        """A custom event of the page's script."""
        self._send_event(name, self._find(target) if target is not None else None, data)
        self.settle()

    def go(self, url: str) -> None:
        """Follow a link: the view of `url` takes this one's place."""
        self.url = urljoin(self.url, url)
        self._history.enter(self.url)
        self._show_url()

    def back(self) -> None:
        """Go back in the history: a view that has been there is told, another one is opened. LookupError where it begins."""
        self._travel(-1)

    def forward(self) -> None:
        """The same, the other way."""
        self._travel(1)

    def send(self, message: str) -> None:
        """A raw message of the page's script."""
        self._send(protocol.Message(message))
        self.settle()

    def close(self) -> None:
        """Close the tab. The view ends, unless it is a daemon or shown elsewhere; without a socket it waits out its time."""
        self.end_connection(clean=True)
        self.client.network.forget(self)
        self.settle()

    # Inside.

    def _travel(self, steps: int) -> None:
        self.url, is_same = self._history.travel(steps)
        if is_same and self._state == "shown":
            self._target = self.url
            self._send_event(protocol.MOVED, None, self.url)
            self.settle()
        else:
            self._show_url()

    def _submit(self, form: ModelElement, button: ModelElement | None) -> None:
        if button is not None:
            self._forbid_disabled(button)
        sent = submission(form, button)
        issuer = _issuer(form, "submit")
        if issuer is not None:
            self._send_event("submit", issuer, [sent.post, button and button.id])
        elif sent.method != "dialog":
            self._ask_for(urljoin(self.url, sent.url or self.url), sent)

    def _ask_for(self, url: str, sent: Submission) -> None:
        """What a form asks for that nobody handles."""
        if sent.method == "get":
            url = urlsplit(url)._replace(query=urlencode(sent.fields), fragment="").geturl()
        self.url = url
        self._history.enter(url)
        if self._state == "plain":
            self._load(url, sent if sent.method == "post" else None)
        else:
            self._open(url, sent.post if sent.method == "post" else None)

    def _issue(self, name: str, target: str | ModelElement) -> None:
        element = self._find(target)
        if _issuer(element, name) is not element:
            raise LookupError(f"{element!r} issues no {name} events")
        self._send_event(name, element, None)
        self.settle()

    def _type(self, target: str | ModelElement, text: str, value: str | None) -> None:
        if not isinstance(text, str):
            raise TypeError(f"what is typed is a str, as on a keyboard, not {type(text).__name__}: {text!r}")
        element = self._find(target)
        if element.tag not in ("input", "textarea"):
            raise LookupError(f"nobody can type into {element!r}")
        self._forbid_disabled(element)
        if "readonly" in element.attributes:
            raise ValueError(f"{element!r} is read-only: the user cannot change it")
        element.value = text
        self._change(element, value)

    def _change(self, element: ModelElement, value: object) -> None:
        if _issuer(element, "change") is element:
            self._send_event("change", element, value)
            if self._past is None:
                self.dom.user_changed(element, self._number)
        self.settle()

    def _find(self, target: str | ModelElement) -> ModelElement:
        return self.find(target) if isinstance(target, str) else target

    def _forbid_disabled(self, element: ModelElement) -> None:
        if element.is_disabled:
            raise ValueError(f"{element!r} is disabled: the user cannot change it")


def _issuer(element: ModelElement, name: str) -> ModelElement | None:
    """The innermost element at or above `element` that issues events of this name."""
    for each in [element, *element.ancestors]:
        if any(token == name or token.startswith(name + ":") for token in each.events.split()):
            return each
    return None


def _hit(element: ModelElement) -> int:
    """What the browser names as the target: of what is inside of a stream its item, of raw HTML the nearest around with an id."""
    path = [element, *element.ancestors]
    item = next((each for each in path if each.parent is not None and each.parent.limit), None)
    return item.id if item is not None else next(each.id for each in path if each.id)


def _option(select: ModelElement, named: int | str) -> int:
    """The place of the option that a user means; the text goes before the value, which he does not see."""
    options = select.options
    if isinstance(named, int):
        if not 0 <= named < len(options):
            raise LookupError(f"{select!r} has {len(options)} options, counted from 0, so none at {named}")
        return named
    texts = [" ".join(option.text.split()) for option in options]
    for offered in (texts, [option.value for option in options]):
        if named in offered:
            return offered.index(named)
    raise LookupError(f"{select!r} has no option {named!r}; it offers {texts!r}")


def _asks_for(element: ModelElement, stroke: Stroke) -> bool:
    """Whether the element issues such key events, for all keys or for this one."""
    for token in element.events.split():
        found, *options = token.split(":")
        if found == stroke.event:
            filters = [Key.from_token(option) for option in options if "+" in option]
            return not filters or any(key.matches(stroke.key, stroke.code, stroke.held, mod=(2,)) for key in filters)
    return False


def _form_around(element: ModelElement) -> ModelElement | None:
    return element if element.tag == "form" else element.form
