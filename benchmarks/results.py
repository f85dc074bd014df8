"""How measurements are compared, printed and kept: what is compared runs in turn, once to warm up, and then at least five times.

A figure is the median of its rounds, and a ratio the median of the ratios of each round, with the smallest and the largest
behind it: they tell how quiet the machine was.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import TypeVar

T = TypeVar("T")

#: Packages whose versions stand beside the figures.
PACKAGES = ("lona_sync", "gevent", "greenlet", "gevent-websocket", "werkzeug", "lxml", "gunicorn", "redis", "hiredis")


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table. The ratio is of ours to what `versus` names: lower is better for times, higher for rates.

    `at_most`, `at_least`: what the ratio (without one: ours) is to be. `remark`: what else has to be said of it.
    """

    name: str
    unit: str
    ours: float
    floor: float | None = None
    ratio: float | None = None
    lowest: float | None = None
    highest: float | None = None
    versus: str = ""
    at_most: float | None = None
    at_least: float | None = None
    remark: str = ""

    @property
    def holds(self) -> bool | None:
        """None: there is no target."""
        value = self.ours if self.ratio is None else self.ratio
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    @property
    def target(self) -> str:
        limits = [f"{sign} {limit:,.10g}" for sign, limit in (("≤", self.at_most), ("≥", self.at_least)) if limit is not None]
        return " and ".join(limits)


def compare(
    name: str, unit: str, ours: list[float], floor: list[float], *, versus: str = "", at_most: float | None = None,
    at_least: float | None = None, remark: str = "",
) -> Result:
    """Of the rounds of both; the first one was to warm up."""
    pairs = list(zip(ours[1:], floor[1:], strict=True))
    ratios = [first / second for first, second in pairs]
    return Result(
        name, unit, median(first for first, _ in pairs), median(second for _, second in pairs),
        median(ratios), min(ratios), max(ratios), versus, at_most, at_least, remark,
    )


def fresh(rounds: list[T]) -> list[T]:
    """Rounds of new processes, none of which was to warm up: for `compare`, which leaves the first one out."""
    return [rounds[0], *rounds]


def head() -> str:
    """What stands above the rows."""
    return f"{'':56}{'ours':>11} {'other':>11}  {'':10} {'ratio':>7}  (of the rounds)   target"


def row(result: Result) -> str:
    ours, floor = ("" if value is None else _number(value) for value in (result.ours, result.floor))
    name = f"{result.name} / {result.versus}" if result.versus else result.name
    text = f"{name:56}{ours:>11} {floor:>11}  {result.unit:10}"
    if result.ratio is not None and result.lowest is not None and result.highest is not None:
        digits = 2 if result.ratio >= 0.1 else 3
        text += f" {result.ratio:7.{digits}f}  {f'({result.lowest:.{digits}f} to {result.highest:.{digits}f})':17}"
    elif result.target:
        text += f" {'':26}"
    if result.holds is not None:
        text += f" {result.target} {'holds' if result.holds else 'MISSED'}"
    if result.remark:
        text += f"   {result.remark}"
    return text.rstrip()


def keep(
    workload: str, results: Iterable[Result], path: Path, peers: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> None:
    """Write them in the place of what this workload has brought before; `peers`: the versions in each one's environment.

    The others stay as they are, if they were measured on this machine with these versions; else they go.
    """
    where = {"machine": machine(), "versions": versions()}
    kept = json.loads(path.read_text()) if path.exists() else {}
    if any(kept.get(name) != value for name, value in where.items()):
        kept = {**where, "peers": {}, "workloads": {}}
    kept["peers"] |= {name: dict(sorted(packages.items())) for name, packages in peers.items()}
    kept["workloads"][workload] = {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "load": os.getloadavg(),
        "results": [{**asdict(result), "target": result.target, "holds": result.holds} for result in results],
    }
    kept["workloads"] = dict(sorted(kept["workloads"].items()))
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def machine() -> dict[str, object]:
    """What this is."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(), "processors": os.cpu_count(), "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Of what runs in this environment."""
    found = {"python": sys.version.split()[0]}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _number(value: float) -> str:
    return f"{value:,.{0 if abs(value) >= 100 else 2 if abs(value) >= 0.1 else 4}f}"
