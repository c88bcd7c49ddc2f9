"""The protocol between the running application and its commands, and the transports under it.

Never performs a command itself.
"""
