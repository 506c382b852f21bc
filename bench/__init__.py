"""Measurements, and the invented county that they run on; see README.md."""
