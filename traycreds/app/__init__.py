"""The running application: what it starts, and what clicks and commands ask of it.

Decides nothing about sessions (lifecycle) and draws nothing (ui).
"""
