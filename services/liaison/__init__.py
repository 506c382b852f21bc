"""Liaison: who is on duty where and when, by the working calendar."""
