"""What the desktop offers: browser, clipboard, start at login, notifications, power. Knows nothing of AWS."""
