"""The run-time frame of every process: settings, database, events, HTTP, identity. No business word belongs in it."""
