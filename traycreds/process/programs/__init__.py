"""Programs that the user names in a setting: where they are, and what is wrong. Never a program of traycreds."""
