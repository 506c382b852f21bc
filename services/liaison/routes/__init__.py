"""What is checked of a request before a read runs."""
