"""The working calendar and the duty roster as rules: pure, no I/O."""
