"""The session of a role for a command that hands it on: by the word of the running app, else by the files alone.

Never takes a secret from anywhere but the credentials file.
"""
