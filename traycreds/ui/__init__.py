"""Shows Snapshots and sends Events; cannot reach the network, the file or the engine."""
