"""The SQL of the service beside its row mapping; nothing here decides or commits."""
