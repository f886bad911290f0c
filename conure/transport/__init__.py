"""The only I/O: HTTP over sockets, the clock, and the two drivers that run plans."""
