"""What is checked of a request before commands and views answer it."""
