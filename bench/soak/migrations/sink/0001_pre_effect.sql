-- What the events brought about. No constraint forbids a second effect of an event: it is to be seen.
CREATE TABLE effect (
    received bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event    uuid NOT NULL,
    subject  text NOT NULL,
    number   bigint NOT NULL
);
GRANT SELECT, INSERT ON effect TO {app};
