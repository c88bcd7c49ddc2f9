"""What traycreds keeps for itself and where: paths, choices, keyring, log, single instance.

Never touches a file of AWS.
"""
