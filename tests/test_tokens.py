"""Names that nobody can guess."""

from __future__ import annotations

import os
import re

from lona_sync.tokens import new_token


def test_each_is_another_one_of_sixteen_bytes():
    tokens = [new_token() for _ in range(1000)]

    assert len(set(tokens)) == 1000
    assert all(re.fullmatch(r"[-_0-9A-Za-z]{22}", token) for token in tokens)


def test_a_process_and_its_child_get_others():
    new_token()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, "".join(new_token() for _ in range(100)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()

    theirs = {text[start:start + 22] for start in range(0, len(text), 22)}
    assert len(theirs) == 100
    assert theirs.isdisjoint(new_token() for _ in range(100))
