-- Names of who does duty stand with them, in cadre.

ALTER TABLE duty DROP COLUMN name;
ALTER TABLE duty_rule_cadre DROP COLUMN name;
