import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

function ids(line: string): { email?: string; thread?: string } {
  return { email: /EMAILID \(([^)]+)\)/.exec(line)?.[1], thread: /THREADID \(([^)]+)\)/.exec(line)?.[1] };
}

protocolTest("OBJECTID: EMAILID stays with copies, THREADID with the conversation (RFC 8474 §5)", async (t) => {
  const reply = mail("Re one", "x", ["In-Reply-To: <one@example.org>", "References: <one@example.org>"]);
  const client = await t.login({ inbox: [mail("one"), reply, mail("other")] });
  await client.ok("SELECT INBOX");
  const [one, answer, other] = (await client.ok("FETCH 1:3 (EMAILID THREADID)")).map(ids);
  assert.notEqual(one.email, answer.email);
  assert.equal(one.thread, answer.thread);
  assert.notEqual(one.thread, other.thread);
  await client.ok("COPY 1 Archive");
  assert.deepEqual(await client.ok(`SEARCH EMAILID ${one.email}`), ["* SEARCH 1"]);
  assert.deepEqual(await client.ok(`SEARCH THREADID ${one.thread}`), ["* SEARCH 1 2"]);
  await client.ok("SELECT Archive");
  assert.deepEqual((await client.ok("FETCH 1 (EMAILID THREADID)")).map(ids), [one]);
});

protocolTest("MAILBOXID in SELECT, STATUS and CREATE is one (RFC 8474 §4)", async (t) => {
  const client = await t.login();
  const created = (await client.command("CREATE foo")).at(-1) ?? "";
  const id = /MAILBOXID \((\S+)\)/.exec(created)?.[1];
  assert(id);
  assert((await client.ok("SELECT foo")).some((line) => line.includes(`[MAILBOXID (${id})]`)));
  assert.deepEqual(await client.ok("STATUS foo (MAILBOXID)"), [`* STATUS foo (MAILBOXID (${id}))`]);
});
