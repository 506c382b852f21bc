"""Tickets (事情单): a matter from its report to its callback, with every step told. See README.md in this folder."""
