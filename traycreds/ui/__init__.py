"""What the user sees: icon, menu, tray, the window that asks for an MFA code.

Posts events; never blocks and never reads a file.
"""
