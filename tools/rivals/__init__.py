"""Puts traycreds and other programs to the same trials: what they do to files, and what they cost."""
