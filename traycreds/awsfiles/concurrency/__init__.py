"""The credentials file while other programs write it: what is believed, held back, put back and merged.

Never decides whose a section is, which `ownership` does.
"""
