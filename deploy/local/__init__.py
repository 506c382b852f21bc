"""The local stack: a private PostgreSQL and broker for `make run` and `make test`."""
