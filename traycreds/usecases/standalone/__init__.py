"""What commands do by themselves where no app runs: from the files, by one run of the engine.

Never asks an app that runs.
"""
