-- A day that was agreed for a matter as a whole, such as at a village's dialogue: its clocks end when business closes then.

ALTER TABLE ticket ADD COLUMN due_on date;
COMMENT ON COLUMN ticket.due_on IS 'the day that was agreed for the whole of it; null where its limits alone say when it is due';
ALTER TABLE deadline ADD COLUMN due_on date;
COMMENT ON COLUMN deadline.due_on IS 'an agreed day in the place of the limit''s length';
