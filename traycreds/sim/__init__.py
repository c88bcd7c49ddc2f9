"""The local STS that `traycreds demo` and the tests talk to over real HTTP."""
