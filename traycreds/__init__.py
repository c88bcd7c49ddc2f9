"""traycreds keeps AWS role sessions alive from the tray and the credentials file whole."""

__version__ = "0.2.0"
