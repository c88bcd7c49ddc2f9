"""One module a command: parse, call a use case, print. Never holds a decision that another front end needs."""
