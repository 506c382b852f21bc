"""One deed a file: load, decide, save, record the event, in one transaction."""
