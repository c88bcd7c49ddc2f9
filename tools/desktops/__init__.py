"""Tries traycreds on real desktops: `nox -s desktops`."""
