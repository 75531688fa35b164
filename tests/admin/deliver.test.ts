import assert from "node:assert/strict";
import { withCrlf } from "../../server/admin/deliver.ts";
import { cliTest } from "./cli.ts";

async function converted(...parts: string[]): Promise<string> {
  const encoder = new TextEncoder();
  const message = ReadableStream.from(parts.map((part) => encoder.encode(part)));
  let text = "";
  for await (const bytes of withCrlf(message)) text += new TextDecoder().decode(bytes);
  return text;
}

Deno.test("bare LF becomes CRLF where the first line ends so, wherever the bytes are cut", async () => {
  assert.equal(await converted("A: b\n\nbody\n"), "A: b\r\n\r\nbody\r\n");
  assert.equal(await converted("\n\n"), "\r\n\r\n");
  assert.equal(await converted("A: b", "\n", "\n", "body\r", "\n"), "A: b\r\n\r\nbody\r\n");
  assert.equal(await converted("A: b\n\nbody\r\n"), "A: b\r\n\r\nbody\r\n");
  assert.equal(await converted("A: b\r\n\r\nbo\ndy"), "A: b\r\n\r\nbo\ndy");
  assert.equal(await converted("A: b\r", "\n\nbody\n"), "A: b\r\n\nbody\n");
  assert.equal(await converted("no line end"), "no line end");
});

cliTest("deliver puts a message into a mailbox, imapserve reads it", async ({ roost, write }) => {
  write("roost.yaml", "delivery: { suppressDuplicates: true }\n");
  const run = (args: string[], input: string) => roost(["-c", "roost.yaml", ...args], input);
  assert.equal((await run(["account", "add", "ann@example.org", "--password-stdin"], "secret")).code, 0);
  const message = "Return-Path: <old@example.net>\nFrom: bob@example.org\nMessage-ID: <1@b>\n\nbody\n";
  const done = { code: 0, stdout: "", stderr: "" };
  assert.deepEqual(await run(["deliver", "Ann@example.org"], message), done);
  assert.deepEqual(await run(["deliver", "ann@example.org", "-f", ""], message), done); // a duplicate
  assert.deepEqual(await run(["deliver", "ann@example.org", "-f", "bob@c", "--mailbox", "Archive"], message), done);
  assert.deepEqual(await run(["deliver", "ann+drafts@example.org", "-f", "bob@c"], `X-Spam: yes\n${message}`), done);
  const session = await run(
    ["imapserve", "ann@example.org"],
    "a EXAMINE inbox\r\nb FETCH * BODY.PEEK[]\r\nc EXAMINE Archive\r\nd FETCH * BODY.PEEK[]\r\n" +
      "e STATUS Junk (MESSAGES)\r\nf LOGOUT\r\n",
  );
  assert.equal(session.code, 0, session.stderr);
  assert.match(session.stdout, /^\* 1 EXISTS/m);
  const stored = message.replaceAll("\n", "\r\n");
  const first = `Delivered-To: Ann@example.org\r\n${stored}`;
  assert.ok(session.stdout.includes(`BODY[] {${first.length}}\r\n${first}`), session.stdout);
  const second = stored.replace(/^.*\r\n/, "Return-Path: <bob@c>\r\nDelivered-To: ann@example.org\r\n");
  assert.ok(session.stdout.includes(`BODY[] {${second.length}}\r\n${second}`), session.stdout);
  assert.match(session.stdout, /^\* STATUS Junk \(MESSAGES 1\)/m);
});

cliTest("deliver says why it cannot, with the exit codes of sysexits.h", async ({ roost, write }) => {
  write("roost.yaml", "quota: 100\nlimits: { messageSize: 2000 }\n");
  const deliver = async (args: string[], message: string) =>
    await roost(["deliver", "-c", "roost.yaml", ...args], message);
  const failed = (code: number, stderr: string) => ({ code, stdout: "", stderr: `roost: ${stderr}\n` });
  assert.equal((await deliver(["a@b"], "A: b\n\n")).code, 75); // there is no data
  assert.equal((await roost(["account", "add", "a@b", "-c", "roost.yaml", "--password-stdin"], "x")).code, 0);
  assert.deepEqual(await deliver(["c@d"], "A: b\n\n"), failed(67, "there is no account c@d"));
  assert.deepEqual(await deliver(["a@b", "-m", "None"], "A: b\n\n"), failed(73, "a@b has no mailbox None"));
  assert.equal((await deliver(["a@b", "-m", "a//b"], "A: b\n\n")).code, 73);
  assert.equal((await deliver(["a@b", "-f", "x\ny"], "A: b\n\n")).code, 65);
  assert.deepEqual(await deliver(["a@b"], ""), failed(65, "there is no message on standard input"));
  const tooLarge = "the message is larger than 2000 bytes (limits.messageSize)";
  assert.deepEqual(await deliver(["a@b"], "x".repeat(2001)), failed(65, tooLarge));
  const full = `A: b\n\n${"x".repeat(200)}`;
  assert.deepEqual(await deliver(["a@b"], full), failed(75, "the account is full"));
  write("roost.yaml", "quota: 100\ndelivery: { overQuota: permanent }\n");
  assert.deepEqual(await deliver(["a@b"], full), failed(77, "the account is full"));
  write("roost.yaml", "nonsense: 1\n");
  assert.equal((await deliver(["a@b"], full)).code, 75);
});

cliTest("a disabled account still gets its mail, and imapserve still shows it", async ({ roost }) => {
  assert.equal((await roost(["account", "add", "a@b", "--password-stdin"], "x")).code, 0);
  assert.equal((await roost(["account", "disable", "a@b", "--message", "Unpaid."])).code, 0);
  assert.deepEqual(await roost(["deliver", "a@b"], "A: b\n\n"), { code: 0, stdout: "", stderr: "" });
  assert.match((await roost(["imapserve", "a@b"], "a EXAMINE INBOX\r\nb LOGOUT\r\n")).stdout, /^\* 1 EXISTS/m);
});
