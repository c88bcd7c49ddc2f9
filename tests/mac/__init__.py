"""The app as on a Mac, on Linux: its real code and pystray's real back end above a recording AppKit.

The recorder checks each class, selector, number of arguments and constant against Apple's declarations, and each thread.
Run-loop modes, menu tracking and the end by `terminate:` are modelled after Apple's documents; nothing is drawn. It is
no Mac: nobody has run the app on a real one yet.
"""
