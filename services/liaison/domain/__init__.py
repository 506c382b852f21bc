"""The rules of calendar, duty, meetings, votes, suggestions and markets: pure, no I/O."""
