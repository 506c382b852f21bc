-- Areas end: a village that was merged away has no duties after its last day.

ALTER TABLE area ADD COLUMN valid_to date;
COMMENT ON COLUMN area.valid_to IS 'the last day, null while it is valid';
GRANT UPDATE (valid_to) ON area TO {app};

CREATE OR REPLACE VIEW duty_sheet WITH (security_invoker = true) AS
SELECT a.code AS area, c.date, a.code || '/' || to_char(c.date, 'YYYY-MM-DD') AS key,
       c.kind, c.explanation, c.provisional, d.signed_in_at
FROM area a
CROSS JOIN calendar_day c
LEFT JOIN duty d ON d.area = a.code AND d.date = c.date
WHERE length(a.code) = 12 AND (a.valid_to IS NULL OR c.date <= a.valid_to) AND (SELECT caller_subject()) IS NOT NULL;
