from __future__ import annotations

import pytest

from lona_sync import HtmlResponse, Response
from lona_sync.html import P, RawHTML


@pytest.mark.parametrize(("html", "body"), [
    ("<p>\ud800</p>", b"<p>?</p>"), (P("\ud800"), "<p>\ufffd</p>".encode()), (RawHTML("\udc00"), b"<div>?</div>"),
])
def test_a_lone_surrogate_does_not_end_in_an_error(html, body):
    # A browser may send one as the text of a field.
    assert HtmlResponse(html).render() == body and Response(text="\ud800").body == b"?"
