from __future__ import annotations

import re
import subprocess
import sys

import pytest

import lona_sync.html
from lona_sync.html import INPUT_NODE_CLASSES, NODE_CLASSES, CheckBox, Node, Select, TextInput, VirtualTable

CLASSES = sorted(
    {value for name in lona_sync.html.__all__ if isinstance(value := getattr(lona_sync.html, name), type)
     and issubclass(value, Node) and value not in (Node, VirtualTable)},       # a table needs columns
    key=lambda node_class: node_class.__name__,
)


@pytest.mark.parametrize("node_class", CLASSES)
def test_every_element_is_made_without_arguments_and_has_no_dict(node_class):
    node = node_class()

    assert re.match(f"<{node.tag_name}[ >]", str(node))
    assert not hasattr(node, "__dict__")
    assert repr(node).startswith(f"<{node_class.__name__} {node.tag_name}")


def test_tags_know_their_classes():
    assert len(NODE_CLASSES) > 110
    assert all(tag == node_class.TAG_NAME for tag, node_class in NODE_CLASSES.items())
    assert NODE_CLASSES["select"] is Select
    assert INPUT_NODE_CLASSES["text"] is TextInput and INPUT_NODE_CLASSES["checkbox"] is CheckBox


def test_what_few_programs_use_is_loaded_when_it_is_asked_for():
    program = (
        "import sys, lona_sync.html as html\n"
        "later = 'lona_sync.html.parsing', 'lona_sync.html.inputs.dates', 'lona_sync.html.virtual_table'\n"
        "print(*(name in sys.modules for name in later))\n"
        "html.HTML('<input type=date>'), html.VirtualTable\n"
        "print(*(name in sys.modules for name in later))\n"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert result.stdout.splitlines() == ["False False False", "True True True"]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"no attribute .Foo."):
        lona_sync.html.Foo                               # type: ignore[attr-defined]  # noqa: B018
