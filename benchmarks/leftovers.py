"""What is left of a hundred thousand views that were opened and closed: `python -m benchmarks.leftovers [VIEWS]`.

Each view has a group in a group, tasks that wait for time, messages and each other, a handler in the middle of its work, and is
left by its browser; a hundred are open at the same time. All in this process, over the wire protocol, without sockets. It prints
what there is more than before in greenlets, views and subscriptions (which has to be nothing), and the memory of the process
after the first tenth and at the end.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.views.leftovers import open_and_close

VIEWS = 100_000


def resident() -> float:
    """MiB of memory that this process holds."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def main() -> None:
    views = int(sys.argv[1]) if len(sys.argv) > 1 else VIEWS
    memory: list[float] = []

    def told(closed: int) -> None:
        if closed >= views // 10 and not memory:
            memory.append(resident())

    began = time.process_time()
    left = open_and_close(views, told)
    seconds = time.process_time() - began

    print(f"{views:,} views in {seconds:.0f} s, {seconds / views * 1000:.2f} ms of CPU each")
    print(f"left: {left}")
    print(f"memory: {memory[0] if memory else 0:.0f} MiB after a tenth, {resident():.0f} MiB at the end")
    if any((left.greenlets, left.runtimes, left.views, left.subscriptions)):
        sys.exit("something is left")


if __name__ == "__main__":
    main()
