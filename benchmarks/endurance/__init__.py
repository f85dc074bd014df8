"""What lasts: slow browsers, lines that are cut, deploys, everything at once for minutes. `python -m benchmarks.endurance.NAME`"""
