"""AWS over the network: sessions from STS, and what its errors mean.

Never reads our configuration and never writes a file of the user.
"""
