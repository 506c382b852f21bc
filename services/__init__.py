"""Three independent services and the run-time frame that they share. See README.md in this folder."""
