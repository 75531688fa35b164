import assert from "node:assert/strict";
import { withCrlf } from "../../server/admin/deliver.ts";
import { cliTest } from "./cli.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (message: Uint8Array) => new TextDecoder().decode(message);

Deno.test("bare LF becomes CRLF only in messages without any CRLF", () => {
  assert.equal(text(withCrlf(bytes("A: b\n\nbody\n"))), "A: b\r\n\r\nbody\r\n");
  assert.equal(text(withCrlf(bytes("\n\n"))), "\r\n\r\n");
  assert.equal(text(withCrlf(bytes("A: b\n\nbody\r\n"))), "A: b\n\nbody\r\n");
  assert.equal(text(withCrlf(bytes("A: b\r\n\r\nbody"))), "A: b\r\n\r\nbody");
  assert.equal(text(withCrlf(bytes("no line end"))), "no line end");
});

cliTest("deliver puts a message into a mailbox, imapserve reads it", async ({ roost }) => {
  assert.equal((await roost(["account", "add", "ann@example.org", "--password-stdin"], "secret")).code, 0);
  const message = "From: bob@example.org\nSubject: hello\n\nbody\n";
  const done = { code: 0, stdout: "", stderr: "" };
  assert.deepEqual(await roost(["deliver", "Ann@example.org"], message), done);
  assert.deepEqual(await roost(["deliver", "ann@example.org", "--mailbox", "Archive"], message), done);
  const session = await roost(
    ["imapserve", "ann@example.org"],
    "a STATUS Archive (MESSAGES)\r\nb EXAMINE inbox\r\nc FETCH 1 BODY.PEEK[]\r\nd LOGOUT\r\n",
  );
  assert.equal(session.code, 0, session.stderr);
  assert.match(session.stdout, /^\* PREAUTH /);
  assert.match(session.stdout, /^\* STATUS Archive \(MESSAGES 1\)/m);
  const stored = message.replaceAll("\n", "\r\n");
  assert.ok(session.stdout.includes(`BODY[] {${stored.length}}\r\n${stored}`), session.stdout);
  assert.match(session.stdout, /^d OK /m);
});

cliTest("deliver says why it cannot, and exit code 75 when a later try may succeed", async ({ roost, write }) => {
  write("roost.yaml", "quota: 100\nlimits: { messageSize: 2000 }\n");
  const deliver = async (args: string[], message: string) =>
    await roost(["deliver", "-c", "roost.yaml", ...args], message);
  assert.equal((await roost(["account", "add", "a@b", "-c", "roost.yaml", "--password-stdin"], "x")).code, 0);
  const failed = (code: number, stderr: string) => ({ code, stdout: "", stderr: `roost: ${stderr}\n` });
  assert.deepEqual(await deliver(["c@d"], "A: b\n\n"), failed(1, "there is no account c@d"));
  assert.deepEqual(await deliver(["a@b", "-m", "None"], "A: b\n\n"), failed(1, "a@b has no mailbox None"));
  assert.deepEqual(await deliver(["a@b"], ""), failed(1, "there is no message on standard input"));
  assert.deepEqual(
    await deliver(["a@b"], "x".repeat(2001)),
    failed(1, "the message is larger than 2000 bytes (limits.messageSize)"),
  );
  const full = await deliver(["a@b"], `A: b\n\n${"x".repeat(200)}`);
  assert.equal(full.code, 75);
  assert.match(full.stderr, /^roost: the account is full$/m);
});
