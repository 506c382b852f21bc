"""django-helpdesk as its documentation sets it up, to measure tickets against: its own tables on the same server, mail off, one process.

What is here runs in a virtual environment of its own, from requirements-helpdesk.lock.
"""
