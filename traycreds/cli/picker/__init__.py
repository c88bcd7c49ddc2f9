"""Picks from many names in a terminal by typing. Never does what was picked."""
