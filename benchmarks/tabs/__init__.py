"""Tabs of browsers without a browser: one module for each kind of site, with what its client would send and read.

Each tab is one WebSocket. `base.Tab` says what a workload asks of it.
"""
