"""What only Windows needs to start and hold processes: consoles, jobs, and exec in place of it.

Never what another system needs too.
"""
