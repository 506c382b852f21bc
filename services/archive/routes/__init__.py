"""What is checked of a read before the read model answers it."""
