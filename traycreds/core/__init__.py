"""What traycreds decides: values, events, actions and pure functions; no I/O, no clock, no threads."""
