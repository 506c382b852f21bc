// Reads a JSON array of message bodies (texts) on standard input; prints each as the CloudEvents SDK understands it.
"use strict";

const { readFileSync } = require("node:fs");
const { HTTP } = require("cloudevents");

const headers = { "content-type": "application/cloudevents+json" };
const events = JSON.parse(readFileSync(0, "utf8")).map((body) => {
  const event = HTTP.toEvent({ headers, body });
  event.validate();
  return event.toJSON();
});
process.stdout.write(JSON.stringify(events));
