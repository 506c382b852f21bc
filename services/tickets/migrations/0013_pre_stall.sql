-- A market's day moves, and with it the activity of the team that has a stall there.

ALTER TABLE activity ADD COLUMN stall_version int;
COMMENT ON COLUMN activity.stall_version IS 'liaison''s version of the stall that it follows: what is told late of an earlier one moves nothing';
GRANT UPDATE (day, begins, ends, stall_version) ON activity TO {app};
