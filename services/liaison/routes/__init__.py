"""What is checked of a request before a read runs; pages on paper, and calendars to subscribe to."""
