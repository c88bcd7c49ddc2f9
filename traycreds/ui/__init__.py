"""What the user sees: icon, menu, tray, our windows. Posts events; never blocks and never reads a file."""
