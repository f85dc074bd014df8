"""How measurements are compared and printed: what is compared runs in turn, once to warm up, and then at least five times.

A figure is the median of its rounds, and a ratio the median of the ratios of each round, with the smallest and the largest
behind it: they tell how quiet the machine was.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table. The ratio is of ours to the floor, or to a peer: lower is better for times, higher for rates."""

    name: str
    unit: str
    ours: float
    floor: float | None = None
    ratio: float | None = None
    lowest: float | None = None
    highest: float | None = None
    target: str = ""


def compare(name: str, unit: str, ours: list[float], floor: list[float], target: str = "") -> Result:
    """Of the rounds of both; the first one was to warm up."""
    pairs = list(zip(ours[1:], floor[1:], strict=True))
    ratios = [first / second for first, second in pairs]
    return Result(
        name, unit, median(first for first, _ in pairs), median(second for _, second in pairs),
        median(ratios), min(ratios), max(ratios), target,
    )


def head(floor: str = "floor") -> str:
    """What stands above the rows; `floor`: what ours is compared with."""
    return f"{'':64}{'ours':>10} {floor:>10}  {'':10} {'ratio':>6}"


def row(result: Result) -> str:
    ours, floor = (
        "" if value is None else f"{value:,.{0 if value >= 100 else 2}f}" for value in (result.ours, result.floor)
    )
    text = f"{result.name:64}{ours:>10} {floor:>10}  {result.unit:10}"
    if result.ratio is not None:
        digits = 2 if result.ratio >= 0.1 else 3
        text += f" {result.ratio:6.{digits}f}  ({result.lowest:.{digits}f} to {result.highest:.{digits}f})  {result.target}"
    return text.rstrip()
