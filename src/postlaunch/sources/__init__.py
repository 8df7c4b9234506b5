"""Connections to real systems, each behind a small Protocol."""
