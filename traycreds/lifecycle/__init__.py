"""Decides from state and time what to refresh, write and say. Pure: what `due_sessions` caches changes no answer."""
