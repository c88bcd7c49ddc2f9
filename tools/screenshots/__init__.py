"""Makes the pictures of the README: `python -m tools.screenshots assets`."""
