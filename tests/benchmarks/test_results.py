"""How rounds become figures, and figures rows."""

from __future__ import annotations

import json

import pytest

from benchmarks import report
from benchmarks.results import Result, compare, keep, row


def test_the_first_round_warms_up():
    result = compare("x", "µs", [100.0, 2.0, 4.0, 6.0], [1.0, 2.0, 2.0, 2.0])

    assert (result.ours, result.floor, result.ratio) == (4.0, 2.0, 2.0)
    assert (result.lowest, result.highest) == (1.0, 3.0)


def test_the_ratio_is_the_median_of_the_ratios_not_the_ratio_of_the_medians():
    result = compare("x", "µs", [0.0, 1.0, 10.0, 100.0], [0.0, 1.0, 100.0, 10.0])

    assert result.ratio == 1.0


def test_as_many_rounds_of_both():
    with pytest.raises(ValueError, match="zip"):
        compare("x", "µs", [1.0, 1.0, 1.0], [1.0, 1.0])


@pytest.mark.parametrize(("ratio", "word"), [(1.0, "holds"), (1.1, "MISSED")])
def test_a_missed_target_is_said(ratio, word):
    result = Result("x", "µs", 1.0, 1.0, ratio, ratio, ratio, at_most=1.0)

    assert row(result).endswith(f"≤ 1 {word}")


def test_a_rate_has_to_be_as_high_at_least():
    assert Result("x", "1/s", 99.0, at_least=100.0).holds is False
    assert Result("x", "1/s", 100.0, at_least=100.0).holds is True


def test_without_a_target_nothing_is_missed():
    result = Result("x", "µs", 1.0)

    assert result.holds is None
    assert "MISSED" not in row(result)


def test_what_is_kept_says_on_what_it_was_measured_and_what_holds(tmp_path):
    keep("some", [Result("x", "µs", 2.0, at_most=1.0)], tmp_path / "results.json")

    kept = json.loads((tmp_path / "results.json").read_text())
    assert kept["workloads"]["some"]["results"][0]["holds"] is False
    assert {"python", "gevent"} <= kept["versions"].keys()
    assert kept["machine"]["processors"] >= 1


def test_a_workload_takes_the_place_of_what_it_has_brought_before_and_leaves_the_others(tmp_path):
    path = tmp_path / "results.json"
    for workload, figure in (("one", 1.0), ("two", 2.0), ("one", 3.0)):
        keep(workload, [Result("x", "µs", figure)], path)

    kept = json.loads(path.read_text())["workloads"]

    assert {name: workload["results"][0]["ours"] for name, workload in kept.items()} == {"one": 3.0, "two": 2.0}


def test_what_was_measured_elsewhere_does_not_stay(tmp_path):
    path = tmp_path / "results.json"
    keep("one", [Result("x", "µs", 1.0)], path)
    path.write_text(path.read_text().replace('"processors"', '"other"'))

    keep("two", [Result("x", "µs", 2.0)], path)

    assert list(json.loads(path.read_text())["workloads"]) == ["two"]


def test_the_table_of_the_documentation_is_that_of_the_kept_results():
    text, kept = report.PAGE.read_text(), json.loads(report.RESULTS.read_text())

    assert report.page(text, kept) == text
