"""What the user sees: icon, menu, tray, the MFA window. Posts events; never blocks and never reads a file."""
