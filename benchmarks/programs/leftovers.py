"""Opens and closes views, and tells what is left of them: `python -m benchmarks.programs.leftovers VIEWS`

Prints a line of JSON: what there is more than before in greenlets, runtimes, views and subscriptions, bytes of memory after the
first tenth and at the end, and seconds of a processor.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict

from benchmarks.processes import resident_of
from tests.views.leftovers import open_and_close


def main() -> None:
    views = int(sys.argv[1])
    early = 0.0

    def told(closed: int) -> None:
        nonlocal early
        if closed >= views // 10 and not early:
            early = resident_of(os.getpid())

    began = time.process_time()
    left = open_and_close(views, told)
    seconds = time.process_time() - began
    print(json.dumps({"left": asdict(left), "early": early, "late": resident_of(os.getpid()), "seconds": seconds}))


if __name__ == "__main__":
    main()
