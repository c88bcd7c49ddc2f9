"""Sessions from a token of an identity provider, which a program prints: a SAML assertion or a web identity token.

Never checks a token itself, which AWS does, and never writes one anywhere.
"""
