"""Carries out clicks: on the program itself, a session, included files. Never changes the state of the engine."""
