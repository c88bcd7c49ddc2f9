"""The words that all parts share: model, events, snapshot, errors, ports, names, text.

Pure; imports no other package of ours.
"""
