"""What is made from the code for people to see: the manual page, the tables of configuration keys, the icons."""
