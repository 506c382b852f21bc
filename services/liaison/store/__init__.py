"""The only place that writes SQL: constants beside the mapping of their rows."""
