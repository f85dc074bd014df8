"""What a file is called, whatever somebody claims."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.uploads import free_name, safe_name
from lona_sync.uploads.names import LONGEST, key

#: Names that have done harm somewhere, and what becomes of them.
CORPUS = {
    "": "file",
    ".": "file",
    "..": "file",
    "...": "file",
    " ": "file",
    "/": "file",
    "\\": "file",
    "../..": "file",
    "../../etc/passwd": "passwd",
    "/etc/passwd": "passwd",
    "..\\..\\windows\\win.ini": "win.ini",
    "C:\\fakepath\\picture.png": "picture.png",
    "C:stream": "C_stream",
    "file.txt:hidden": "file.txt_hidden",
    "a/../../b": "b",
    "a\0.txt": "a.txt",
    "a.php\0.png": "a.php.png",
    "line\nbreak\r.txt": "linebreak.txt",
    "\x1b[31mred": "[31mred",
    ".htaccess": "htaccess",
    ".ssh": "ssh",
    "....//....//x": "x",
    "name.": "name",
    "name. . .": "name",
    " name ": "name",
    "CON": "_CON",
    "con.txt": "_con.txt",
    "LPT1": "_LPT1",
    "COM¹.log": "_COM¹.log",
    "aux.tar.gz": "_aux.tar.gz",
    "console.txt": "console.txt",
    "photo\u202egnp.exe": "photognp.exe",
    "zero\u200bwidth.txt": "zerowidth.txt",
    "\ufeffbom.txt": "bom.txt",
    "a\u2215b.txt": "a_b.txt",
    "a\uff0fb.txt": "a_b.txt",
    "a\u2044b.txt": "a\u2044b.txt",
    "\uff0e\uff0e\uff0fx": "___x",
    "\u2025\u2025x": "__x",
    "a\ud800b": "ab",
    "\U000e0041tag": "tag",
    "<script>alert(1)</script>.html": "script_.html",
    '"quoted".txt': "_quoted_.txt",
    "a|b*c?.txt": "a_b_c_.txt",
    "e\u0301.txt": "\u00e9.txt",
    "日本語.txt": "日本語.txt",
    "a\u00a0b.txt": "a b.txt",
    "archive.tar.gz": "archive.tar.gz",
    "-rf": "-rf",
    "%2e%2e%2fx": "%2e%2e%2fx",
}


@pytest.mark.parametrize(("claimed", "safe"), CORPUS.items())
def test_names_of_the_corpus(claimed: str, safe: str):
    assert safe_name(claimed) == safe


@given(st.text(max_size=400))
def test_whatever_is_claimed_the_name_is_flat_short_visible_and_stays(claimed: str):
    name = safe_name(claimed)

    assert name
    assert not set(name) & set('/\\:*?"<>|\0\r\n\t')
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert len(name.encode()) <= LONGEST + 1
    assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in name)
    assert safe_name(name) == name
    assert os.path.basename(name) == name


@pytest.mark.parametrize("letter", ["a", "\u00e9", "日", "\U0001f600"])
def test_a_long_name_is_cut_and_keeps_its_ending(letter: str, tmp_path: Path):
    name = safe_name(letter * 5000 + ".tar.gz")

    assert name.endswith(".tar.gz")
    assert len(name.encode()) <= LONGEST
    (tmp_path / name).touch()


def test_a_long_ending_is_none():
    name = safe_name("a." + "b" * 5000)

    assert len(name) == LONGEST


def test_names_that_are_taken_get_numbers():
    taken = {key("a.txt"), key("a (2).txt")}

    assert free_name("a.txt", taken) == "a (3).txt"
    assert free_name("b.txt", taken) == "b.txt"


def test_a_thousand_files_of_one_name_are_no_work():
    class Counting(set[str]):
        looks = 0

        def __contains__(self, name: object) -> bool:
            self.looks += 1
            return super().__contains__(name)

    taken = Counting()

    for _ in range(1000):
        taken.add(key(free_name("a.txt", taken)))

    assert len(taken) == 1000
    assert taken.looks < 120_000


@pytest.mark.parametrize("name", ["A.TXT", "\uff41.txt"])
def test_names_that_some_would_take_for_the_same_are_taken(name: str):
    assert free_name(name, {key("a.txt")}) != name
