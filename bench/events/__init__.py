"""Measures events: the relay against raw publishing, commit to effect, a backlog, and the same work by pgqueuer on the same PostgreSQL."""
