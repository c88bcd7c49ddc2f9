"""Sign-ins to IAM Identity Center: tokens, their renewal, accounts and roles.

Never asks for a role session of STS.
"""
