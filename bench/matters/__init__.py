"""What matters cost at the scale of a county: a million of them; and side by side with django-helpdesk on the same server."""
