-- A year of the calendar says where it comes from, and a day what it was before the year was loaded last.

ALTER TABLE calendar_year ADD COLUMN origin text COLLATE "C" CHECK (origin IN ('WEEKDAYS', 'LIBRARY', 'FILE'));
ALTER TABLE calendar_year ADD COLUMN source text CHECK (char_length(source) BETWEEN 1 AND 200);
ALTER TABLE calendar_year ADD COLUMN loaded_by text CHECK (char_length(loaded_by) BETWEEN 1 AND 60);
UPDATE calendar_year SET origin = CASE WHEN published THEN 'LIBRARY' ELSE 'WEEKDAYS' END,
    source = CASE WHEN published THEN 'chinesecalendar' END, loaded_by = 'worker';
ALTER TABLE calendar_year ALTER COLUMN origin SET NOT NULL, ALTER COLUMN loaded_by SET NOT NULL;
ALTER TABLE calendar_year ADD CHECK (published = (origin <> 'WEEKDAYS')), ADD CHECK (published = (source IS NOT NULL));
COMMENT ON COLUMN calendar_year.origin IS 'what a file said stays, whatever a library knows of the year';
COMMENT ON COLUMN calendar_year.source IS 'the document that published it, or the library that knows it; none while it goes by weekdays';
COMMENT ON COLUMN calendar_year.loaded_by IS 'worker, load, or the operator who loaded the file';

ALTER TABLE calendar_day ADD COLUMN was text CHECK (was IN ('WORKDAY', 'WEEKEND', 'HOLIDAY', 'MAKEUP_WORKDAY') AND was <> kind);
ALTER TABLE calendar_day ADD COLUMN lunar text;
COMMENT ON COLUMN calendar_day.was IS 'its kind before the year was loaded last, where that was another';
COMMENT ON COLUMN calendar_day.lunar IS 'month and day of the lunar calendar, in Chinese';
