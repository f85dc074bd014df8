"""What a type checker has to find: each line that ends with `# error:` and a code of mypy's, and no other."""

from __future__ import annotations

from datetime import datetime

from lona_sync import App, Channel, InputEvent, Message, Request, View
from lona_sync.html import (
    CHANGE,
    CLICK,
    KEY_DOWN,
    Button,
    CheckBox,
    DateInput,
    Div,
    EventType,
    Form,
    Li,
    LiveRegion,
    NumberInput,
    P,
    Select,
    Stream,
    Text,
    TextInput,
    Ul,
    VirtualList,
)

app = App(__file__)


def count(number: int) -> int:
    return number + 1


Div(None)                                                    # error: arg-type
Div(datetime.now())                                          # error: arg-type
Ul([Li("a"), [object()]])                                    # error: list-item
Ul(Li("a")).append(Button)                                   # error: arg-type
Ul().extend(3)                                               # error: arg-type
Ul()[0] = print                                              # error: assignment
Div().nodes.remove("text")                                   # error: arg-type
Div().nodes.sort(key="name")                                 # error: arg-type
Div().query_selector(Li)                                     # error: arg-type
Text(["a"])                                                  # error: arg-type
Div().class_list.add(Li("a"))                                # error: arg-type
Div().attributes["title"] = ["a"]                            # error: assignment
Div().style = 3                                              # error: assignment
Div().events.append("click")                                 # error: arg-type
Button().events = CLICK.name                                 # error: assignment
CHANGE("300")                                                # error: arg-type
KEY_DOWN(13)                                                 # error: arg-type
LiveRegion(assertive="yes")                                  # error: arg-type
Stream(limit="all")                                          # error: arg-type
VirtualList(3)                                               # error: arg-type
Form().into(3)                                               # error: arg-type

TextInput(["a"])                                             # error: arg-type
TextInput().value.strftime("%Y")                             # error: attr-defined
TextInput().value = Li("a")                                  # error: assignment
NumberInput().value.is_integer()                             # error: union-attr
DateInput().value.isoformat()                                # error: union-attr
DateInput("2030-01-31")                                      # error: arg-type
DateInput().value = "2030-01-31"                             # error: assignment
CheckBox("on")                                               # error: arg-type
CheckBox().value = "on"                                      # error: assignment
Select().add_option(Li("a"))                                 # error: arg-type


class Own(Div):
    def handle_click(self, event: int, more: int) -> None:   # error: override
        pass


class Mistaken(View):
    def handle_request(self, request: str) -> None:          # error: override
        pass

    def handle_input_event(self, event: Message) -> object:  # error: override
        return event


@app.route("/")
class Clicked(View):
    def handle_request(self, request: Request) -> None:
        self.show(["a"])                                     # error: arg-type
        self.await_click("button")                           # error: arg-type
        self.await_click(Button("x"), timeout="1 s")         # error: arg-type
        self.await_event(Li("x"))                            # error: arg-type
        self.await_submit("form")                            # error: arg-type
        event: EventType = self.await_click()                # error: assignment
        print(event.data)                                    # error: attr-defined
        message: InputEvent = self.await_message("topic")    # error: assignment
        print(message.node.tag_name)                         # error: union-attr
        number: str = self.spawn(len, "abc").get()           # error: assignment
        self.spawn(len, 3)                                   # error: arg-type
        self.spawn(len, "abc", "d")                          # error: call-arg
        self.run_blocking(count, "3")                        # error: arg-type
        Channel("topic").subscribe(self.clicked)             # error: arg-type
        Channel("topic").subscribe(print, overflow="wait")   # error: arg-type
        P(number).set_text()                                 # error: call-arg

    def clicked(self, event: InputEvent) -> None:
        pass


app.route("/no-view")(Div)                                   # error: type-var
