"""MIME and the header of a message, one job a module. Holds others and nothing else; `mailclients.message` is the door.

The modules know bytes and text, no network and no client. All of them read what strangers wrote: they are
linear in their input, never recurse over it, and stop at the limits that stand beside the code.
"""
