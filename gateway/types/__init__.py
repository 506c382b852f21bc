"""The public types, declared service by service. How they are read is the planner's table; nothing here runs for a row."""
