"""What the tests share: cloned databases, tokens, servers inside the test's loop, and a client of the services."""
