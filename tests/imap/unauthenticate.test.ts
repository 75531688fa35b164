import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, createDeflateRaw, inflateRawSync } from "node:zlib";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("UNAUTHENTICATE: the next account finds a connection as new (RFC 8437 §3)", async (t) => {
  await t.account("bob@example.org");
  const client = await t.login({ inbox: [mail("one"), { text: mail("two"), flags: ["\\Deleted"] }] });
  await client.ok("ENABLE QRESYNC IMAP4rev2 UTF8=ACCEPT");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a UNAUTHENTICATE
    S: a OK log in again
    C: b SELECT INBOX
    S: b BAD ...
    C: c UNAUTHENTICATE
    S: c BAD ...
    C: d LOGIN bob@example.org secret
    S: d OK ...
    C: e FETCH 1 FLAGS
    S: e BAD ...
    C: f ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: f OK ...
  `);
  assert.deepEqual(await client.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 0)"]);
  // No message of the mailbox that was left is expunged.
  const alice = await t.login();
  assert.deepEqual(await alice.ok("STATUS INBOX (MESSAGES DELETED)"), ["* STATUS INBOX (MESSAGES 2 DELETED 1)"]);
});

protocolTest("UNAUTHENTICATE resets CONDSTORE, IMAP4rev2 and the saved search (RFC 8437 §4.1)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("ENABLE CONDSTORE IMAP4rev2");
  await client.ok("SELECT INBOX");
  await client.ok("SEARCH RETURN (SAVE) ALL");
  await client.send("a UNAUTHENTICATE\r\nb LOGIN alice@example.org secret\r\nc SELECT INBOX\r\n");
  assert.deepEqual(await client.answer("a"), ["a OK log in again"]);
  assert.match((await client.answer("b")).at(-1) ?? "", /^b OK \[CAPABILITY .*\bUNAUTHENTICATE\b/);
  const select = await client.answer("c");
  assert(select.some((line) => line === "* 0 RECENT" || line === "* 1 RECENT"), "IMAP4rev1 again");
  assert.deepEqual(await client.ok("FETCH $ UID"), []);
  assert.deepEqual(await client.ok("STORE 1 +FLAGS (\\Seen)"), ["* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))"]);
});

protocolTest("capabilities before login are told again, and UNAUTHENTICATE only after it", async (t) => {
  const client = await t.connect();
  assert(!client.greeting.includes("UNAUTHENTICATE"));
  await t.account();
  await client.exchange(`
    C: a UNAUTHENTICATE
    S: a BAD ...
  `);
  await client.ok("LOGIN alice@example.org secret");
  await client.ok("UNAUTHENTICATE");
  const [line] = await client.ok("CAPABILITY");
  assert(line.includes("AUTH=") && !line.includes("UNAUTHENTICATE"));
  await client.exchange(`
    C: b UNAUTHENTICATE now
    S: b BAD ...
  `);
});

protocolTest("an account's place among its connections is free again", async (t) => {
  const one = await t.login();
  await one.ok("UNAUTHENTICATE");
  const two = await t.login();
  await two.ok("NOOP");
  await one.send("a LOGIN alice@example.org secret\r\n");
  assert.match(await one.line(), /^\* BYE /);
}, { config: { limits: { connectionsPerAccount: 1 } } });

/** The client's side of COMPRESS: each text as one flushed piece. */
async function deflated(texts: readonly string[], end = false): Promise<Uint8Array[]> {
  const deflate = createDeflateRaw();
  const out: Uint8Array[] = [];
  deflate.on("data", (chunk: Uint8Array) => out.push(chunk));
  const pieces: Uint8Array[] = [];
  for (const [at, text] of texts.entries()) {
    deflate.write(text);
    await new Promise<void>((done) =>
      end && at === texts.length - 1
        ? deflate.end(() => setTimeout(done))
        : deflate.flush(constants.Z_SYNC_FLUSH, () => done())
    );
    pieces.push(Buffer.concat(out.splice(0)));
  }
  return pieces;
}

for (const end of [false, true]) {
  const how = end ? "a finished deflate stream" : "a flush";
  protocolTest(
    `COMPRESS ends with UNAUTHENTICATE, and may begin again; client ends with ${how} (RFC 8437 §4.1)`,
    async (t) => {
      const client = await t.login();
      for (let round = 0; round < 2; round++) {
        await client.ok("COMPRESS DEFLATE");
        const pieces = await deflated(["a NOOP\r\n", "b UNAUTHENTICATE\r\n"], end);
        await client.send(pieces[0]);
        let received = Buffer.from(await client.bytes());
        const inflate = () => inflateRawSync(received, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
        while (!inflate().endsWith("a OK NOOP done\r\n")) received = Buffer.concat([received, await client.bytes()]);
        // The login is sent along with it, in clear text.
        await client.send(Buffer.concat([pieces[1], Buffer.from("c LOGIN alice@example.org secret\r\n")]));
        while (!received.includes("c OK")) received = Buffer.concat([received, await client.bytes()]);
        const plain = received.indexOf("c OK");
        assert.match(
          inflateRawSync(received.subarray(0, plain), { finishFlush: constants.Z_SYNC_FLUSH }).toString(),
          /a OK NOOP done\r\nb OK log in again\r\n$/,
        );
        assert.match(received.subarray(plain).toString(), /^c OK \[CAPABILITY [^\]]*COMPRESS=DEFLATE/);
        await client.ok("NOOP");
      }
    },
  );
}

protocolTest("compressed commands behind UNAUTHENTICATE end the connection", async (t) => {
  const client = await t.login();
  await client.ok("COMPRESS DEFLATE");
  const [piece] = await deflated(["b UNAUTHENTICATE\r\nc NOOP\r\n"]);
  await client.send(piece);
  await client.rest();
  await (await t.login()).ok("NOOP");
});
