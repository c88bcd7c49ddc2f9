"""What traycreds keeps for itself: paths, choices, keyring, log, single instance. Never touches a file of AWS."""
