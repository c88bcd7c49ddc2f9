"""AWS over the network: sessions from STS and what its errors mean. Never reads our configuration or writes a file."""
