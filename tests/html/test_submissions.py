"""Forms of plain HTTP that are sent twice."""

from __future__ import annotations

import pytest

from lona_sync.html import Form, NumberInput, Submissions, TextInput


def make(once):
    return Form(TextInput(name="a", required=True), once=once)


def token(form):
    return form.query_selector("input[type=hidden][name=lona-once]").attributes["value"]


def test_a_form_is_taken_over_once():
    submissions = Submissions()
    posted = {"a": "x", "lona-once": token(make(submissions))}
    first, second = make(submissions), make(submissions)

    assert first.fill(posted) and not first.repeated
    assert not second.fill(posted) and second.repeated and submissions.repeated == 1

    assert second.errors == {"": "This was sent already. Send it again only if you mean to."} and second.values == {"a": "x"}
    assert second.query_selector(".lona-error").get_text() == second.errors[""]


def test_who_sends_the_new_form_means_it():
    submissions = Submissions()
    posted = {"a": "x", "lona-once": token(make(submissions))}
    make(submissions).fill(posted)
    shown = make(submissions)
    shown.fill(posted)

    assert token(shown) != posted["lona-once"] and make(submissions).fill({"a": "x", "lona-once": token(shown)})


def test_what_was_wrong_may_be_sent_again():
    submissions = Submissions()
    form = make(submissions)
    sent = token(form)

    assert not form.fill({"a": "", "lona-once": sent}) and not form.repeated

    assert form.fill({"a": "x", "lona-once": sent})


@pytest.mark.parametrize("sent", [[], "", ["a", "b"], "x" * 65], ids=lambda sent: repr(sent)[:10])
def test_what_has_no_token_is_refused(sent):
    form = make(Submissions())

    assert not form.fill({"a": "x", "lona-once": sent}) and form.repeated


def test_the_token_is_no_field():
    form = make(Submissions())

    assert list(form.fields) == list(form.values) == ["a"] and make(None).query_selector("[name=lona-once]") is None
    assert token(form) != token(make(Submissions())) and len(token(form)) == 22


def test_the_oldest_are_forgotten():
    submissions = Submissions(limit=2)

    assert [submissions.take(text) for text in "aabcab"] == [True, False, True, True, True, True]

    assert (submissions.repeated, submissions.forgotten) == (1, 3)


def test_a_table_of_your_own_may_remember():
    class Table:
        def take(self, token):
            return token == "new"

    assert Form(NumberInput(5, name="a"), once=Table()).fill({"a": "5", "lona-once": "new"})
    assert not Form(NumberInput(5, name="a"), once=Table()).fill({"a": "5", "lona-once": "old"})


def test_what_remembers_is_checked_where_it_is_given():
    with pytest.raises(TypeError, match="once must be a Submissions"):
        Form(once=True)
    with pytest.raises(ValueError, match="limit must be a number of forms"):
        Submissions(limit=0)
