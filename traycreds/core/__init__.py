"""Model, events, snapshot, errors, ports, names and text for all parts. Pure; imports none of our other packages."""
