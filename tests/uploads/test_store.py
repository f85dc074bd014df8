"""Shelves, what lies on them, and what is on its way."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from lona_sync.uploads import Claim, Elsewhere, Gone, Part, Refused, Unusable, Writer
from tests.uploads.stores import Time, send, store_in, upload


def test_a_file_that_has_come_lies_there_under_a_safe_name(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")

    file = upload(shelf, "../a b.txt", b"hello", "text/plain")

    assert file.name == "a b.txt"
    assert file.client_name == "../a b.txt"
    assert file.content_type == "text/plain"
    assert file.size == 5
    assert file.read() == b"hello"
    assert file.path.parent == shelf.path
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_an_upload_goes_on_where_it_was(tmp_path: Path):
    incoming = store_in(tmp_path).shelf("me").declare(Claim("a", 10))

    assert send(incoming, b"01234") is None
    assert incoming.offset == 5
    file = send(incoming, b"56789")

    assert file is not None
    assert file.read() == b"0123456789"


@pytest.mark.parametrize("offset", [0, 4, 6, 10])
def test_another_offset_than_it_has_come_to_is_told(tmp_path: Path, offset: int):
    shelf = store_in(tmp_path).shelf("me")
    incoming = shelf.declare(Claim("a", 10))
    send(incoming, b"01234")

    with pytest.raises(Elsewhere) as caught:
        shelf.begin(incoming, offset)

    assert caught.value.offset == 5


def test_a_later_lease_ends_the_one_before(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    incoming = shelf.declare(Claim("a", 10))
    first = shelf.begin(incoming, 0)
    second = shelf.begin(incoming, 0)

    with pytest.raises(Gone):
        shelf.advance(incoming, first.number, 5)

    shelf.advance(incoming, second.number, 5)
    assert incoming.offset == 5


@pytest.mark.parametrize("offset", [-1, 11])
def test_no_more_comes_than_was_announced(tmp_path: Path, offset: int):
    shelf = store_in(tmp_path).shelf("me")
    incoming = shelf.declare(Claim("a", 10))
    lease = shelf.begin(incoming, 0)

    with pytest.raises(Gone):
        shelf.advance(incoming, lease.number, offset)


def test_an_empty_file_has_come_at_once(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")

    file = shelf.complete(shelf.declare(Claim("empty", 0)))

    assert file is not None
    assert file.read() == b""


def test_two_of_one_name_are_two(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")

    files = [upload(shelf, "a.txt", b"1"), upload(shelf, "A.txt", b"2"), upload(shelf, "dir/a.txt", b"3")]

    assert [file.name for file in files] == ["a.txt", "A (2).txt", "a (3).txt"]
    assert [file.read() for file in files] == [b"1", b"2", b"3"]


def test_what_is_cancelled_leaves_nothing(tmp_path: Path):
    store = store_in(tmp_path)
    shelf = store.shelf("me")
    incoming = shelf.declare(Claim("a", 10))
    send(incoming, b"01234")

    assert shelf.cancel(incoming)
    assert not shelf.cancel(incoming)

    assert list(shelf.parts.iterdir()) == []
    assert (store.quota.total, store.quota.declared("me"), store.open) == (0, 0, 0)
    with pytest.raises(Gone):
        store.find(incoming.id)


def test_who_writes_on_after_a_cancel_is_told(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    incoming = shelf.declare(Claim("a", 10))
    lease = shelf.begin(incoming, 0)
    shelf.cancel(incoming)

    with pytest.raises(Gone):
        shelf.advance(incoming, lease.number, 5)


def test_a_file_goes_when_nobody_holds_it_if_the_shelf_does_not(tmp_path: Path):
    store = store_in(tmp_path)
    shelf = store.shelf("me", keeps=False)
    file = upload(shelf, "a", b"12345")
    path = file.path

    del file
    gc.collect()

    assert not path.exists()
    assert store.quota.total == 0
    assert store.quota.declared("me") == 0


def test_a_bucket_holds_its_files(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    path = upload(shelf, "a", b"12345").path

    gc.collect()

    assert path.exists()
    assert [file.name for file in shelf.files] == ["a"]


def test_a_saved_file_stays_and_counts_no_more(tmp_path: Path):
    store = store_in(tmp_path)
    shelf = store.shelf("me")
    file = upload(shelf, "a", b"12345")

    kept = file.save_to(tmp_path)
    shelf.remove()

    assert kept == tmp_path / "a" == file.path
    assert kept.read_bytes() == b"12345"
    assert store.quota.total == 0


def test_saving_replaces_nothing_unless_it_is_told_to(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    target = tmp_path / "there"
    target.write_text("old")
    file = upload(shelf, "a", b"new")

    with pytest.raises(FileExistsError):
        file.save_to(target)
    assert target.read_text() == "old"
    file.save_to(target, overwrite=True)

    assert target.read_text() == "new"


def test_saving_follows_no_link_that_somebody_has_laid(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    (tmp_path / "link").symlink_to(tmp_path / "victim")

    with pytest.raises(FileExistsError):
        upload(shelf, "a", b"x").save_to(tmp_path / "link")

    assert not (tmp_path / "victim").exists()


def test_a_removed_shelf_has_left_the_disk(tmp_path: Path):
    store = store_in(tmp_path)
    shelf = store.shelf("me")
    upload(shelf, "a", b"12345")
    shelf.declare(Claim("b", 10))
    batch = shelf.begin_batch(10)

    shelf.remove()

    assert not batch.folder.exists()
    assert (store.quota.total, store.quota.declared("me"), store.open) == (0, 0, 0)


def test_what_the_program_puts_there_is_there(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    upload(shelf, "mine", b"1")

    (shelf.path / "yours").write_text("22")
    (shelf.path / "link").symlink_to("/etc/hostname")
    (shelf.path / "folder").mkdir()
    (shelf.path / ".hidden").touch()

    assert sorted((file.name, file.size) for file in shelf.files) == [("mine", 1), ("yours", 2)]
    (shelf.path / "yours").unlink()
    assert [file.name for file in shelf.files] == ["mine"]


def test_a_name_is_looked_up_and_never_a_path(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    (shelf.path.parent / "secret").write_text("x")
    upload(shelf, "a", b"1")

    for name in ("../secret", "A", "/etc/hostname", "", ".", "a/"):
        assert shelf.get(name) is None
        assert not shelf.delete(name)
    assert shelf.delete("a")


# Limits.


def refusal(action: object) -> str:
    assert callable(action)
    with pytest.raises(Refused) as caught:
        action()
    return caught.value.reason


def test_one_file_may_not_be_larger_than_the_setting_says(tmp_path: Path):
    shelf = store_in(tmp_path, file_bytes=100).shelf("me")

    assert refusal(lambda: shelf.declare(Claim("a", 101))) == "size"
    shelf.declare(Claim("a", 100))


def test_what_a_session_announces_counts_for_it(tmp_path: Path):
    store = store_in(tmp_path, session=100)
    store.shelf("me").declare(Claim("a", 60))

    assert refusal(lambda: store.shelf("me").declare(Claim("b", 41))) == "session"
    store.shelf("you").declare(Claim("b", 41))
    store.shelf("me").declare(Claim("b", 40))


def test_what_all_have_sent_counts_for_all(tmp_path: Path):
    store = store_in(tmp_path, session=100, total=150)
    upload(store.shelf("me"), "a", b"x" * 100)

    assert refusal(lambda: store.shelf("you").declare(Claim("b", 51))) == "server"
    store.shelf("you").declare(Claim("b", 50))


def test_what_others_have_announced_and_not_sent_takes_no_room(tmp_path: Path):
    store = store_in(tmp_path, session=100, total=150)
    store.shelf("me").declare(Claim("a", 100))

    upload(store.shelf("you"), "b", b"x" * 100)

    assert store.quota.total == 100


def test_no_more_comes_than_all_may_have(tmp_path: Path):
    store = store_in(tmp_path, session=100, total=150)
    late = store.shelf("me").declare(Claim("a", 100))
    upload(store.shelf("you"), "b", b"x" * 100)

    assert refusal(lambda: send(late, b"x" * 51)) == "server"


def test_some_of_the_disk_stays_free(tmp_path: Path):
    shelf = store_in(tmp_path, free=150, reserve=100).shelf("me")

    assert refusal(lambda: shelf.declare(Claim("a", 51))) == "disk"
    shelf.declare(Claim("a", 50))


def test_a_session_may_not_have_any_number_of_uploads_open(tmp_path: Path):
    store = store_in(tmp_path, open=2)
    shelf = store.shelf("me")
    first = shelf.declare(Claim("a", 1))
    shelf.declare(Claim("b", 1))

    assert refusal(lambda: store.shelf("me").declare(Claim("c", 1))) == "open"
    store.shelf("you").declare(Claim("c", 1))
    shelf.cancel(first)
    shelf.declare(Claim("c", 1))


def test_a_session_may_not_send_any_number_at_once(tmp_path: Path):
    clock = Time()
    shelf = store_in(tmp_path, at_once=2, stall=60.0, clock=clock).shelf("me")
    uploads = [shelf.declare(Claim(name, 1)) for name in "abc"]
    leases = [shelf.begin(each, 0) for each in uploads[:2]]

    assert refusal(lambda: shelf.begin(uploads[2], 0)) == "busy"
    shelf.begin(uploads[1], 0)
    shelf.end(uploads[0], leases[0].number)
    shelf.begin(uploads[2], 0)


def test_who_has_died_over_it_does_not_count_for_ever(tmp_path: Path):
    clock = Time()
    shelf = store_in(tmp_path, at_once=1, stall=60.0, clock=clock).shelf("me")
    dead, living = shelf.declare(Claim("a", 1)), shelf.declare(Claim("b", 1))
    shelf.begin(dead, 0)

    clock.now = 61.0

    shelf.begin(living, 0)


def test_what_nobody_sends_any_more_is_given_up(tmp_path: Path):
    clock = Time()
    store = store_in(tmp_path, open=1, idle=900.0, clock=clock)
    shelf = store.shelf("me")
    old = shelf.declare(Claim("a", 10))
    send(old, b"01234")

    clock.now = 901.0
    shelf.declare(Claim("b", 10))

    assert store.counters["uploads.expired"] == 1
    assert store.quota.total == 0
    with pytest.raises(Gone):
        store.find(old.id)


def test_what_waits_for_its_turn_is_not_given_up(tmp_path: Path):
    clock = Time()
    store = store_in(tmp_path, idle=900.0, clock=clock)
    shelf = store.shelf("me")
    sending, waiting = shelf.declare(Claim("a", 10)), shelf.declare(Claim("b", 10))

    for now in (800.0, 1600.0):
        clock.now = now
        send(sending, b"0")
        store.expire()

    assert store.find(waiting.id) is waiting


def test_a_bucket_may_limit_files_and_bytes(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me", max_files=2, max_bytes=100)
    upload(shelf, "a", b"x" * 60)

    assert refusal(lambda: shelf.declare(Claim("b", 41))) == "size"
    upload(shelf, "b", b"x" * 40)
    assert refusal(lambda: shelf.declare(Claim("c", 0))) == "files"


def test_many_visitors_together_do_not_begin_more_than_there_is_room_to_remember(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lona_sync.uploads.store.MOST_OPEN", 2)
    store = store_in(tmp_path)
    first = store.shelf("ann").declare(Claim("a", 1))
    store.shelf("bob").begin_batch(500)

    assert refusal(lambda: store.shelf("eve").declare(Claim("c", 1))) == "server"

    first.shelf.cancel(first)
    store.shelf("eve").declare(Claim("c", 1))


def test_a_bucket_without_a_limit_has_one_since_empty_files_cost_something_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lona_sync.uploads.shelf.MOST_FILES", 2)
    shelf = store_in(tmp_path).shelf("me")
    upload(shelf, "a", b"")
    upload(shelf, "b", b"")

    assert refusal(lambda: shelf.declare(Claim("c", 0))) == "files"
    assert refusal(lambda: shelf.begin_batch(500)) == "files"
    assert shelf.room() == (0, None)


# Several in one request.


def put(folder: Path, part: str, data: bytes) -> Part:
    (folder / part).write_bytes(data)
    return Part(part, f"{part}.txt", "text/plain")


def test_a_batch_comes_whole(tmp_path: Path):
    store = store_in(tmp_path)
    shelf = store.shelf("me")
    batch = shelf.begin_batch(500)
    parts = [put(batch.folder, "part-one", b"11"), put(batch.folder, "part-two", b"222")]
    shelf.advance_batch(batch, 5)

    files = shelf.commit(batch, parts)

    assert [(file.name, file.size) for file in files] == [("part-one.txt", 2), ("part-two.txt", 3)]
    assert list(shelf.parts.iterdir()) == []
    assert (store.quota.total, store.quota.declared("me"), store.open) == (5, 5, 0)


def test_a_batch_that_exceeds_the_bucket_is_not_taken_at_all(tmp_path: Path):
    store = store_in(tmp_path)
    shelf = store.shelf("me", max_files=2)
    upload(shelf, "a", b"1")
    batch = shelf.begin_batch(500)
    parts = [put(batch.folder, "part-one", b"11"), put(batch.folder, "part-two", b"222")]
    shelf.advance_batch(batch, 5)

    assert refusal(lambda: shelf.commit(batch, parts)) == "files"

    assert [file.name for file in shelf.files] == ["a"]
    assert list(shelf.parts.iterdir()) == []
    assert (store.quota.total, store.quota.declared("me")) == (1, 1)


@pytest.mark.parametrize("part", ["../../outside", "..", "", "/etc/hostname", "missing-part", "linked-part", "a" * 41])
def test_a_batch_has_files_of_its_own_only(tmp_path: Path, part: str):
    shelf = store_in(tmp_path).shelf("me")
    batch = shelf.begin_batch(500)
    (batch.folder / "linked-part").symlink_to("/etc/hostname")
    (batch.folder.parent.parent / "outside").write_text("x")

    with pytest.raises(Gone):
        shelf.commit(batch, [Part(part, "a", "")])


def test_a_batch_is_no_larger_than_was_said(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    batch = shelf.begin_batch(5)
    part = put(batch.folder, "part-one", b"1" * 50)
    shelf.advance_batch(batch, 5)

    with pytest.raises(Gone):
        shelf.advance_batch(batch, 6)
    with pytest.raises(Gone):
        shelf.commit(batch, [part])


def test_a_batch_of_another_bucket_is_none(tmp_path: Path):
    store = store_in(tmp_path)
    batch = store.shelf("me").begin_batch(5)

    with pytest.raises(Gone):
        store.shelf("you").batch(batch.id)


# Writing.


def test_what_is_written_is_told_and_comes_in_order(tmp_path: Path):
    path = tmp_path / "file"
    path.touch()
    told: list[int] = []
    data = bytes(range(256)) * 4096

    with Writer(path, 0, told.append) as writer:
        for start in range(0, len(data), 10_000):
            writer.write(data[start:start + 10_000])
        writer.flush()

    assert path.read_bytes() == data
    assert told == sorted(told)
    assert told[-1] == len(data)


def test_who_had_an_earlier_lease_does_not_change_the_file_that_has_come_meanwhile(tmp_path: Path):
    shelf = store_in(tmp_path).shelf("me")
    incoming = shelf.declare(Claim("a", 4))
    lease = shelf.begin(incoming, 0)

    with Writer(lease.path, 0, lambda offset: None) as late:
        file = send(incoming, b"good")
        late.write(b"evil")
        with pytest.raises(FileNotFoundError):
            late.flush()

    assert file is not None
    assert file.path.read_bytes() == b"good"


def test_what_a_write_raises_is_raised_and_not_printed_besides(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    path = tmp_path / "file"
    path.touch()

    with Writer(path, 0, lambda offset: None) as writer:
        path.unlink()                                          # its upload was cancelled
        writer.write(b"late")
        with pytest.raises(FileNotFoundError):
            writer.flush()

    assert capfd.readouterr().err == ""


def test_what_saving_raises_is_raised_and_not_printed_besides(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    file = upload(store_in(tmp_path).shelf("me"), "a.txt", b"new")
    (tmp_path / "a.txt").write_bytes(b"old")

    with pytest.raises(FileExistsError):
        file.save_to(tmp_path / "a.txt")

    assert capfd.readouterr().err == ""
    assert (tmp_path / "a.txt").read_bytes() == b"old"


def test_a_writer_follows_no_link(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    (tmp_path / "victim").touch()

    with pytest.raises(OSError):
        Writer(tmp_path / "link", 0, lambda offset: None)


def test_what_the_disk_does_not_take_counts_for_nobody(tmp_path: Path):
    store = store_in(tmp_path)
    shelf = store.shelf("me")
    shelf.parts.rmdir()                                        # as those do who remove old folders from /tmp

    with pytest.raises(Unusable, match=str(shelf.parts)):
        shelf.declare(Claim("a", 1000))
    with pytest.raises(Unusable, match=str(shelf.parts)):
        shelf.begin_batch(1000)

    assert store.quota.declared("me") == 0
    assert store.open == 0


def test_a_file_that_was_taken_from_the_disk_before_it_was_complete_counts_for_nobody(tmp_path: Path):
    store = store_in(tmp_path)
    shelf = store.shelf("me")
    incoming = shelf.declare(Claim("a", 10))
    lease = shelf.begin(incoming, 0)
    shelf.advance(incoming, lease.number, 10)
    incoming.path.unlink()

    with pytest.raises(Gone):
        shelf.complete(incoming)

    assert store.quota.declared("me") == store.quota.total == store.open == 0
    assert store.counters["uploads.completed"] == 0
