"""Everything that the clients are documented to have is there and takes what it is documented to take, and no more.

The facts are in tests/data/surface.json: names, types and overloads. ``python -m tests.support.surface`` writes
them anew.
What a body has to receive for the arguments of a call is worked out by name and type (`tests.support.examples`),
without a look at the tables under test. Nothing is connected: arguments are bound, which is all that is left of the
many shapes of a call before a body runs.
"""
