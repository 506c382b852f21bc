// Reads an iCalendar file on standard input; prints its name and events as ical.js understands them, times in UTC.
"use strict";

const { readFileSync } = require("node:fs");

const text = (component, name) => component.getFirstPropertyValue(name) ?? "";

import("ical.js").then(({ default: ICAL }) => {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  const instant = (time) => (time.isDate ? time.toString() : time.toJSDate().toISOString());
  const events = calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      sequence: event.sequence,
      summary: event.summary,
      description: event.description ?? "",
      location: event.location ?? "",
      status: text(component, "status"),
      starts: instant(event.startDate),
      ends: instant(event.endDate),
    };
  });
  process.stdout.write(JSON.stringify({ name: text(calendar, "name"), refresh: String(text(calendar, "refresh-interval")), events }));
});
