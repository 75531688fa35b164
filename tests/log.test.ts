import assert from "node:assert/strict";
import { getLogger } from "@logtape/logtape";
import { setUpLog } from "../server/log.ts";

async function logged(format: "logfmt" | "json", work: (log: ReturnType<typeof getLogger>) => void): Promise<string[]> {
  const lines: string[] = [];
  await setUpLog({ level: "info", format }, { write: (line) => lines.push(line) });
  work(getLogger(["roost", "test"]));
  return lines;
}

Deno.test("logfmt: one line an event, with the connection and all that it tells", async () => {
  const lines = await logged("logfmt", (log) => log.with({ conn: "17" }).info("logged in", { account: "a@b" }));
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^time=\S+ level=info logger=roost\.test msg="logged in" conn="?17"? account="?a@b"?\n$/);
});

Deno.test("JSON: one object a line", async () => {
  const lines = await logged("json", (log) => log.warning("odd", { conn: "17" }));
  const event = JSON.parse(lines[0]);
  assert.equal(event.message, "odd");
  assert.equal(event.conn, "17");
  assert.equal(event.level, "WARN");
});

Deno.test("what a client sends cannot begin a line of its own", async () => {
  for (const format of ["logfmt", "json"] as const) {
    const lines = await logged(format, (log) => log.info("said {text}", { text: "x\r\nlevel=error msg=fake\x1b[2J" }));
    assert.equal(lines.length, 1);
    assert.equal(lines[0].indexOf("\n"), lines[0].length - 1);
    assert.ok(!lines[0].includes("\r") && !lines[0].includes("\x1b"));
  }
});

Deno.test("an error is logged with its stack", async () => {
  const lines = await logged("logfmt", (log) => log.error("failed: {error}", { error: new TypeError("boom") }));
  assert.match(lines[0], / msg="failed: boom" /);
  assert.match(lines[0], /TypeError: boom\\n\s+at /);
});

Deno.test("lower levels are left out", async () => {
  assert.deepEqual(await logged("logfmt", (log) => log.debug("not for you")), []);
});
