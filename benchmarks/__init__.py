"""What things cost: `python -m benchmarks` runs `workloads/`. Not part of the package.

`endurance/` is for minutes and hours, `studies/` are measurements behind decisions; each module of theirs is a program by itself.
"""
