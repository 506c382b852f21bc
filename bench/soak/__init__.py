"""A small system of two services for fault tests, and the soak that kills its parts at random under load."""
