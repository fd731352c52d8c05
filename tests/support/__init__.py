"""What the tests share: scripted servers, certificates made at test time, leak checks, a clock that the
test moves."""
