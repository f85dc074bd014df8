"""The endpoint for Prometheus: what it writes, who may read it, and that it is not there by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lona_sync import App
from lona_sync.server.watching.metrics import exposition
from lona_sync.server.watching.numbers import NUMBERS
from lona_sync.siblings import Siblings, Silent
from lona_sync.testing import Client
from tests.server.test_numbers import Counter
from tests.views.apps import app_of

TOKEN = "t" * 20


def app(**settings: object) -> App:
    return app_of(Counter, **{"METRICS_PATH": "/metrics", **settings})


def get(app: App, address: str = "127.0.0.1", headers: Mapping[str, str] | None = None, path: str = "/metrics") -> Any:
    return Client(app).http.get(path, environ_base={"REMOTE_ADDR": address}, headers=headers or {})


def samples(text: str) -> dict[tuple[str, str], float]:
    """By name and worker, as Prometheus' own parser reads them; the state is a part of the name."""
    return {
        (sample.name + sample.labels.get("state", ""), sample.labels.get("worker", "")): sample.value
        for family in text_string_to_metric_families(text) for sample in family.samples
    }


def test_it_is_not_there_by_itself():
    assert get(app_of(Counter)).status_code == 404


def test_prometheus_reads_what_it_writes():
    site = app()
    client = Client(site)
    client.open("/").click("button")
    answer = get(site)

    found = {name: value for (name, _), value in samples(answer.text).items()}

    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert found["lona_sync_events_total"] == 1
    assert found["lona_sync_views"] == found["lona_sync_views_by_statewaiting"] == 1
    assert found["lona_sync_hub_busy_seconds_total"] >= 0
    assert found["lona_sync_workers_silent"] == 0


def test_each_number_is_in_it_with_its_kind_and_meaning():
    families = list(text_string_to_metric_families(exposition({"1": {number.name: 1 for number in NUMBERS}}, silent=0)))

    assert len(families) == len(NUMBERS) - 5 + 1                          # six states are one, and the silent ones
    assert all(family.type in ("counter", "gauge") and family.documentation for family in families)


def test_a_number_of_a_broker_is_written_without_a_kind():
    [family, _] = text_string_to_metric_families(exposition({"1": {"channels.broker.unsent": 3}}, silent=0))

    assert (family.name, family.type, family.samples[0].value) == ("lona_sync_channels_broker_unsent", "unknown", 3)


def test_what_a_name_holds_cannot_break_a_line():
    [family, _] = text_string_to_metric_families(exposition({'a"\n\\b': {"views": 1}}, silent=0))

    assert family.samples[0].labels == {"worker": 'a"\n\\b'}


def test_large_and_small_numbers_keep_their_value():
    text = exposition({"1": {"bytes.out": 2 ** 53 - 1, "hub.lag": 1e-7}}, silent=0)

    assert samples(text)["lona_sync_bytes_out_total", "1"] == 2 ** 53 - 1
    assert samples(text)["lona_sync_hub_lag_seconds", "1"] == 1e-7


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_read_it(address: str):
    assert get(app(), address).status_code == 200


@pytest.mark.parametrize("address", ["192.168.0.7", "2001:db8::1", ""])
def test_others_may_not_and_are_counted(address: str):
    site = app()
    answer = get(site, address)

    assert answer.status_code == 401
    assert "lona_sync_" not in answer.text
    assert site.stats()["metrics.refused"] == 1


def test_a_network_may_be_let_in():
    site = app(METRICS_NETWORKS=("10.0.0.0/8",))

    assert [get(site, address).status_code for address in ("10.1.2.3", "127.0.0.1")] == [200, 401]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
def test_who_comes_through_a_proxy_of_this_machine_is_not_this_machine(header: str):
    assert get(app(), headers={header: "127.0.0.1"}).status_code == 401


@pytest.mark.parametrize("headers", [
    {"Origin": "http://127.0.0.1"}, {"Origin": "null"}, {"Host": "evil.example"}, {"Host": "evil.example:8080"},
    {"Host": "127.0.0.1.evil.example"}, {"Host": "localhost.evil.example"}, {"Host": "evil.example."},
    {"Host": "127.0.0.1@evil.example"},
], ids=str)
def test_a_page_of_somebody_else_in_a_browser_of_this_machine_is_not_this_machine(headers: Mapping[str, str]):
    site = app()
    answer = get(site, headers=headers)

    assert answer.status_code == 401
    assert site.stats()["metrics.refused"] == 1


@pytest.mark.parametrize("host", [
    "localhost", "LOCALHOST:8080", "shop.localhost", "127.0.0.1:8080", "[::1]:8080", "[::1]", "10.0.0.7:80", "web:8000", "",
])
def test_this_machine_may_ask_by_its_address_or_a_name_that_nobody_else_has(host: str):
    assert get(app(), headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_token_opens_it_from_everywhere(scheme: str):
    site = app(METRICS_TOKEN=TOKEN)
    headers = {"Authorization": f"{scheme} {TOKEN}", "X-Forwarded-For": "203.0.113.9", "Host": "shop.example"}

    assert get(site, "203.0.113.9", headers).status_code == 200


@pytest.mark.parametrize("value", [
    "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[1:]}", f"Basic {TOKEN}", "Bearer ü", TOKEN,
])
def test_another_token_does_not(value: str):
    site = app(METRICS_TOKEN=TOKEN)

    assert get(site, "203.0.113.9", {"Authorization": value}).status_code == 401


@pytest.mark.parametrize("value", ["Bearer", "Bearer "])
def test_without_a_token_none_opens_it(value: str):
    assert get(app(), "203.0.113.9", {"Authorization": value}).status_code == 401


@pytest.mark.parametrize(("name", "value", "message"), [
    ("METRICS_PATH", "metrics", "METRICS_PATH begins with '/'"),
    ("METRICS_NETWORKS", ("localhost",), "METRICS_NETWORKS holds addresses"),
    ("METRICS_TOKEN", "gläsern", "METRICS_TOKEN holds a character that is not ASCII"),
])
def test_settings_that_cannot_work_fail_at_once(name: str, value: object, message: str):
    with pytest.raises(ValueError, match=message):
        _ = app(**{name: value}).parts


@pytest.fixture
def enlisted(tmp_path: Path) -> Iterator[App]:
    site = app(RUNTIME_DIRECTORY=str(tmp_path / "run"))
    site.parts.siblings.enlist()
    yield site
    site.stop()


def test_one_process_answers_for_all(enlisted: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other = Siblings(enlisted.parts.siblings._directory, timeout=5, counters=enlisted.parts.counters)
    other.on("stats", lambda request, talk: {"pid": 7, "numbers": {"events": 41, "hub.lag": 0.25}})
    other.enlist()
    found = samples(get(enlisted).text)
    other.leave()

    assert found["lona_sync_events_total", "7"] == 41
    assert found["lona_sync_hub_lag_seconds", "7"] == 0.25
    assert len([name for name, _ in found if name == "lona_sync_events_total"]) == 2


def test_a_process_that_does_not_answer_is_counted_and_hides_nobody(enlisted: App, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(enlisted.parts.siblings, "ask_all", lambda kind: {"tag": Silent("busy")})

    found = samples(get(enlisted).text)

    assert found["lona_sync_workers_silent", ""] == 1
    assert [name for name, _ in found].count("lona_sync_views") == 1
