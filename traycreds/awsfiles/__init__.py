"""The contents of ~/.aws/credentials and ~/.aws/config: parse, edit byte for byte, whose a section is.

Never talks to AWS.
"""
