"""Programs that a user names in a setting: where they are found, and what is wrong with a command.

Never a program that comes with traycreds.
"""
