/** docs/security.md names tests; they must be there. */
import assert from "node:assert/strict";

const root = new URL("../../", import.meta.url);
const page = Deno.readTextFileSync(new URL("docs/security.md", root));
/** `path`: title, or its beginning, at the end of a table's row. */
const NAMED = /\| `(tests\/[^`]+)`: (.+?)\s*\|$/;
const rows = page.split("\n").filter((line) => line.startsWith("|") && !/^\|\s*-|\| test\s*\|$/.test(line));

Deno.test("each row of docs/security.md names a test that is there", () => {
  assert(rows.length > 80);
  const missing = rows.filter((row) => {
    const [, path, title] = NAMED.exec(row) ?? [];
    if (path === undefined) return true;
    try {
      return !Deno.readTextFileSync(new URL(path, root)).includes(title);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      throw error;
    }
  });
  assert.deepEqual(missing, []);
});

Deno.test("docs/security.md has a row from each file of tests/attacks", () => {
  const files = [...Deno.readDirSync(new URL(".", import.meta.url))].map(({ name }) => `tests/attacks/${name}`);
  const tests = files.filter((path) => path.endsWith(".test.ts") && !path.endsWith("page.test.ts"));
  const named = new Set(rows.map((row) => NAMED.exec(row)?.[1]));
  assert.deepEqual(tests.filter((path) => !named.has(path)), []);
});
