"""Protocol cores without I/O: bytes in, events out; requests in, bytes out."""
