"""Finds one role among many: matching of typed words, and the window for it. Never does what was picked."""
