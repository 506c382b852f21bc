-- A market's day moves, and with it the activity of the team that has a stall there.

GRANT UPDATE (day, begins, ends) ON activity TO {app};
