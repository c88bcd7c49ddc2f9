"""Measures traycreds: `python -m tools.bench`."""
