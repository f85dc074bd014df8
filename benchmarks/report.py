"""The table of docs/performance.md, made from results.json: `python -m benchmarks.report`"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- benchmarks.report: -->\n", "<!-- end -->"


def table(kept: dict[str, Any]) -> str:                   # Any: JSON
    """Markdown: what was measured on, and a row for each result."""
    machine, workloads = kept["machine"], kept["workloads"]
    dates = sorted({workload["date"][:10] for workload in workloads.values()})
    lines = [
        f"{dates[0]}; {machine['processors']} × {machine['processor']}, {machine['system']}; "
        + ", ".join(f"{name} {version}" for name, version in kept["versions"].items()) + ".",
        "",
        "| what | unit | ours | other | ratio (of the rounds) | target | |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_row(result) for workload in workloads.values() for result in workload["results"]]
    return "\n".join(lines) + "\n"


def _row(result: dict[str, Any]) -> str:
    name = f"{result['name'].strip()} / {result['versus']}" if result["versus"] else result["name"].strip()
    ratio = ""
    if result["ratio"] is not None:
        ratio = f"{_short(result['ratio'])} ({_short(result['lowest'])}–{_short(result['highest'])})"
    holds = {None: "", True: "holds", False: "**missed**"}[result["holds"]]
    other = "" if result["floor"] is None else _short(result["floor"])
    return f"| {name} | {result['unit']} | {_short(result['ours'])} | {other} | {ratio} | {result['target']} | {holds} |"


def page(text: str, kept: dict[str, Any]) -> str:
    """The page with the table in its place."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected {BEGIN.strip()} and {END} in {PAGE.name}, and they are not there")
    return before + begin + "\n" + table(kept) + "\n" + end + after


def _short(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def main() -> None:
    PAGE.write_text(page(PAGE.read_text(), json.loads(RESULTS.read_text())))


if __name__ == "__main__":
    main()
