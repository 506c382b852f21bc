"""What clients may ask for and what runs by itself. Each deed loads, lets the domain decide, and leaves saving and telling to `transition`."""
