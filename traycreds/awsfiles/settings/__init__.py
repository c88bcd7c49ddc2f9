"""The settings of a profile: what their values must look like, and which of them is to blame for a failure.

Never reads the AWS files, and knows no key of our own configuration.
"""
