import assert from "node:assert/strict";
import { exampleFile, jsonSchema, referencePage } from "../../server/config/describe.ts";
import { parseConfig } from "../../server/config/load.ts";

Deno.test("the example file holds every default", () => {
  assert.deepEqual(parseConfig(exampleFile(), undefined).config, parseConfig("", undefined).config);
});

Deno.test("the commented part of the example file is understood too", () => {
  const text = exampleFile().replaceAll(/# (cert|key):/g, "$1:");
  assert.equal(parseConfig(text, "/x/roost.yaml").config.tls?.cert, "/etc/ssl/mail.pem");
});

Deno.test("the JSON Schema names every key and refuses others", () => {
  const schema = jsonSchema() as { properties: Record<string, unknown>; additionalProperties: boolean };
  assert.equal(schema.additionalProperties, false);
  assert.deepEqual(Object.keys(schema.properties), [
    "dataDir",
    "hostname",
    "workers",
    "tls",
    "listeners",
    "quota",
    "quotaMessages",
    "quotaWarnings",
    "undelete",
    "accounts",
    "search",
    "junk",
    "retention",
    "metadata",
    "delivery",
    "oauth",
    "limits",
    "log",
    "literalMinus",
    "durability",
  ]);
});

Deno.test("docs/configuration.md is what `deno task docs` makes", () => {
  const committed = Deno.readTextFileSync(new URL("../../docs/configuration.md", import.meta.url));
  assert.equal(committed, referencePage(), "run `deno task docs`");
});
