"""The icon: which one a Snapshot asks for, and its pixels. Never talks to a tray."""
