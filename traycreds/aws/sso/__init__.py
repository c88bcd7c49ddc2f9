"""Sign-ins to IAM Identity Center: tokens, their renewal, accounts and roles. Never asks STS for a role's session."""
