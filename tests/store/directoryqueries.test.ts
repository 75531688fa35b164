import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { DIRECTORY_STEPS } from "../../store/sqlite/directoryschema.ts";

/** Statements as they stand in the source, so that none can be forgotten here. */
async function statements(): Promise<string[]> {
  const source = await Deno.readTextFile(new URL("../../store/sqlite/directory.ts", import.meta.url));
  const columns = /const COLUMNS = "([^"]+)"/.exec(source)![1];
  return [...source.matchAll(/^const [A-Z_]+ =\s+[`"]((?:SELECT|INSERT|UPDATE|DELETE) [^`"]+)[`"]/gm)]
    .map(([, text]) => text.replace("${COLUMNS}", columns));
}

Deno.test("every statement of the directory that names an account or a login is served by an index", async () => {
  const db = new DatabaseSync(":memory:");
  for (const step of DIRECTORY_STEPS) db.exec(step);
  const texts = await statements();
  assert.ok(texts.length >= 15);
  for (const text of texts) {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${text}`).all().map(({ detail }) => String(detail));
    if (!text.includes("WHERE")) continue;
    for (const step of plan) assert.doesNotMatch(step, /^SCAN/, `${text}: ${step}`);
  }
  db.close();
});
