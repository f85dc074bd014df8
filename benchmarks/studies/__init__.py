"""Measurements behind decisions: `python -m benchmarks.studies.NAME`"""
