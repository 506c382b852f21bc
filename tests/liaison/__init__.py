"""The liaison service, from its rules to its processes."""
