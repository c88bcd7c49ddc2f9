"""What only Windows needs to start and hold processes: consoles, jobs, a stand-in for exec. Nothing portable."""
