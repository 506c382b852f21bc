"""What a ticket is and what may be done with it: frozen data and pure rules."""
