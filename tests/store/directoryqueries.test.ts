import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { DIRECTORY_STEPS } from "../../store/sqlite/directoryschema.ts";

const FILES = [
  "directoryaccounts",
  "directoryrows",
  "directoryaddresses",
  "directorydomains",
  "directorysettings",
  "apppasswords",
  "clientkeys",
  "attempts",
];

/** Statements as they stand in the source, so that none can be forgotten here. */
async function statements(file: string): Promise<string[]> {
  const source = await Deno.readTextFile(new URL(`../../store/sqlite/${file}.ts`, import.meta.url));
  const columns = /const COLUMNS =\s*[`"]([^`"]+)[`"]/.exec(source)?.[1] ?? "";
  return [...source.matchAll(/[`"]((?:SELECT|INSERT|UPDATE|DELETE) [^`"]+)[`"]/g)]
    .map(([, text]) => text.replace("${COLUMNS}", columns));
}

for (const file of FILES) {
  Deno.test(`every statement in ${file}.ts that looks for something is served by an index`, async () => {
    const db = new DatabaseSync(":memory:");
    for (const step of DIRECTORY_STEPS) db.exec(step);
    const texts = await statements(file);
    assert.ok(texts.length > 0);
    for (const text of texts) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${text}`).all().map(({ detail }) => String(detail));
      // Who asks for all of them gets all of them.
      if (!text.replaceAll(/\(SELECT (?:[^()]|\([^()]*\))*\)/g, "").includes("WHERE")) continue;
      for (const step of plan) assert.doesNotMatch(step, /^SCAN|TEMP B-TREE/, `${text}: ${step}`);
    }
    db.close();
  });
}
