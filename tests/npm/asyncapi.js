// Reads an AsyncAPI document on standard input; prints the parser's diagnostics as JSON: [{severity, code, message, path}]. 0 is an error.
"use strict";

const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

new Parser()
  .parse(readFileSync(0, "utf8"))
  .then(({ document, diagnostics }) => {
    const told = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join(".") }));
    process.stdout.write(JSON.stringify({ channels: document?.channels().all().map((each) => each.id()) ?? [], diagnostics: told }));
  });
