"""Sleep, waking and the lock of the screen, as each system tells them. Never decides what follows from it."""
