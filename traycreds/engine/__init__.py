"""The loop that owns the state, its workers and its clocks. Decides nothing: that is lifecycle."""
