"""Framing: bytes in, values out; knows the shape of HTTP, nothing of chat."""
