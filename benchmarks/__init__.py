"""Measurements behind decisions: `python -m benchmarks.<name>`. Not part of the package, not run by the tests."""
