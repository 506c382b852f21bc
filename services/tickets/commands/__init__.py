"""One module a deed. Each loads, lets the domain decide, and leaves saving and telling to `transition`."""
