-- Others keep a copy of the calendar: what a day is off or worked for in a word of its own, and which years they were told of.

ALTER TABLE calendar_day ADD COLUMN festival text;
UPDATE calendar_day SET festival = substring(explanation FROM '\(([^()]+?)(?:调休上班)?\)') WHERE kind IN ('HOLIDAY', 'MAKEUP_WORKDAY');
COMMENT ON COLUMN calendar_day.festival IS 'in Chinese, of a holiday or a make-up workday';

ALTER TABLE calendar_year ADD COLUMN told boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN calendar_year.told IS 'whether liaison.calendar.published.v1 has said what stands here';
