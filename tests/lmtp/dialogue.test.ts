import assert from "node:assert/strict";
import { lmtpTest } from "./support.ts";

const DELIVERED = "250 2.0.0 Delivered";
const UNKNOWN = "550 5.1.1 There is no such mailbox here";

lmtpTest("LHLO tells the extensions; HELO and EHLO are no commands here (RFC 2033 §4.1)", async (t) => {
  const client = await t.connect();
  assert.equal(client.greeting, "220 mail.example.org LMTP");
  await client.exchange(`
    C: HELO client
    S: 500 ...
    C: EHLO client
    S: 500 ...
    C: MAIL FROM:<ed@example.net>
    S: 503 5.5.1 ...
    C: LHLO client
    S: 250-mail.example.org
    S: 250-PIPELINING
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-ENHANCEDSTATUSCODES
    S: 250 SIZE 104857600
    C: NOOP
    S: 250 2.0.0 ...
    C: AUTH PLAIN AGEAYg==
    S: 500 5.5.2 ...
    C: STARTTLS
    S: 500 5.5.2 ...
    C: QUIT
    S: 221 2.0.0 ...
  `);
  await client.ended();
});

lmtpTest(
  "each recipient gets its own answer, in the order of RCPT; with PIPELINING (RFC 2033 §4.2, RFC 2920)",
  async (t) => {
    const client = await t.hello();
    await client.exchange(`
    C: MAIL FROM:<ed@example.net>
    C: RCPT TO:<bob@example.org>
    C: RCPT TO:<nobody@example.org>
    C: RCPT TO:<Ann@Example.ORG>
    C: DATA
    S: 250 2.1.0 ...
    S: 250 2.1.5 ...
    S: ${UNKNOWN}
    S: 250 2.1.5 ...
    S: 354 ...
    C: Subject: one
    C:
    C: ..dots..
    C: .
    S: ${DELIVERED}
    S: ${DELIVERED}
    C: QUIT
    S: 221 ...
  `);
    const body = "Subject: one\r\n\r\n.dots..\r\n";
    const path = "Return-Path: <ed@example.net>\r\nDelivered-To: ";
    assert.deepEqual(await t.messages("bob@example.org"), [`${path}bob@example.org\r\n${body}`]);
    assert.deepEqual(await t.messages("ann@example.org"), [`${path}Ann@Example.ORG\r\n${body}`]);
  },
);

lmtpTest("a recipient that is named twice is answered twice, and gets the message once (RFC 2033 §4.2)", async (t) => {
  const client = await t.hello();
  const answers = await client.deliver(
    ["ann@example.org", "ann@example.org", "ANN@example.org"],
    "Subject: x\r\n\r\nx",
  );
  assert.deepEqual(answers, [DELIVERED, DELIVERED, DELIVERED]);
  assert.equal((await t.messages()).length, 1);
});

lmtpTest(
  "DATA without a valid recipient is refused, and the next transaction is not troubled (RFC 2033 §4.2)",
  async (t) => {
    const client = await t.hello();
    await client.exchange(`
    C: MAIL FROM:<>
    S: 250 ...
    C: RCPT TO:<nobody@example.org>
    S: ${UNKNOWN}
    C: DATA
    S: 503 5.5.1 ...
    C: RSET
    S: 250 ...
    C: RCPT TO:<ann@example.org>
    S: 503 ...
  `);
    assert.deepEqual(await client.deliver(["ann@example.org"], "Subject: bounce\r\n\r\n", ""), [DELIVERED]);
    assert.match((await t.messages())[0], /^Return-Path: <>\r\nDelivered-To: ann@example.org\r\nSubject: bounce\r\n/);
  },
);

lmtpTest(
  "senders with quoted local parts, source routes and odd dots are taken (RFC 5321 §4.1.2, appendix C)",
  async (t) => {
    const client = await t.hello();
    const senders = ['"a <b>@c"@example.net', "a..b.@example.net", "MAILER-DAEMON"];
    for (const sender of senders) {
      assert.deepEqual(await client.deliver(["ann@example.org"], "Subject: x\r\n\r\n", sender), [DELIVERED]);
      assert.ok((await t.messages()).at(-1)?.startsWith(`Return-Path: <${sender}>\r\n`));
    }
    assert.deepEqual(await client.deliver(["@relay.example,@b:ann@example.org"], "Subject: x\r\n\r\n", "@r:ed@b.c"), [
      DELIVERED,
    ]);
    assert.ok((await t.messages()).at(-1)?.startsWith("Return-Path: <ed@b.c>\r\nDelivered-To: ann@example.org\r\n"));
    assert.deepEqual(await client.deliver(['"ann"@example.org'], "Subject: x\r\n\r\n"), [DELIVERED]);
  },
);

lmtpTest("addresses that are none are refused (RFC 5321 §4.1.2)", async (t) => {
  const client = await t.hello();
  await client.exchange(`
    C: MAIL FROM:ed@example.net
    S: 501 5.1.7 ...
    C: MAIL FROM:<ed@example.net
    S: 501 5.1.7 ...
    C: MAIL FROM:<${"x".repeat(700)}@example.net>
    S: 501 5.1.7 ...
    C: MAIL FROM:<ed\u0001@example.net>
    S: 501 5.1.7 ...
    C: MAIL FROM:<ed@example.net> BODY=BINARYMIME
    S: 501 5.5.4 ...
    C: MAIL FROM:<ed@example.net> BODY=8BITMIME SMTPUTF8
    S: 250 ...
    C: RCPT TO:<>
    S: 501 5.1.3 ...
    C: RCPT TO:<a b@example.org>
    S: 501 5.1.3 ...
  `);
});

lmtpTest("addresses in UTF-8, domains as U-label and as A-label, 8-bit content (RFC 6531, RFC 6152)", async (t) => {
  const client = await t.hello();
  const message = new Uint8Array([...new TextEncoder().encode("Subject: Grüße\r\n\r\n"), 0xff, 0x00, 0x80]);
  const recipients = ["jörg@bücher.example", "jörg@xn--bcher-kva.example", "JÖRG@bücher.example"];
  assert.deepEqual(await client.deliver(recipients, message, "zoë@example.net"), [DELIVERED, DELIVERED, DELIVERED]);
  const [text] = await t.messages("jörg@bücher.example");
  assert.match(text, /^Return-Path: <zoë@example.net>\r\nDelivered-To: jörg@bücher.example\r\nDelivered-To: jörg@xn--/);
}, { accounts: ["jörg@bücher.example"] });

lmtpTest("SIZE: announced, refused at MAIL, and after DATA with 552 5.3.4 (RFC 1870 §6)", async (t) => {
  const client = await t.hello();
  await client.exchange(`
    C: MAIL FROM:<ed@example.net> SIZE=2001
    S: 552 5.3.4 ...
    C: MAIL FROM:<ed@example.net> SIZE=99999999999999999999
    S: 552 5.3.4 ...
    C: MAIL FROM:<ed@example.net> SIZE=x
    S: 501 ...
  `);
  const tooLarge = "552 5.3.4 A message may have 2000 bytes";
  const recipients = ["ann@example.org", "nobody@example.org", "bob@example.org"];
  assert.deepEqual(await client.deliver(recipients, "x".repeat(300_000)), [tooLarge, UNKNOWN, tooLarge]);
  assert.deepEqual(await client.deliver(["ann@example.org"], "x".repeat(1998)), [DELIVERED]);
  assert.deepEqual((await t.messages()).length, 1);
  assert.deepEqual(await t.messages("bob@example.org"), []);
}, { config: { limits: { messageSize: 2000 } } });

lmtpTest("more recipients than allowed: 452 4.5.3, the others get the message (RFC 5321 §4.5.3.1.10)", async (t) => {
  const client = await t.hello();
  const recipients = Array.from({ length: 101 }, (_, at) => `ann+${at}@example.org`);
  const answers = await client.deliver(recipients, "Subject: x\r\n\r\n");
  assert.match(answers[100], /^452 4\.5\.3 /);
  assert.deepEqual(answers.slice(0, 100), new Array(100).fill(DELIVERED));
  const messages = await t.messages();
  assert.equal(messages.length, 1);
  assert.equal(messages[0].match(/^Delivered-To: /gm)?.length, 100);
}, { config: { limits: { lmtpRecipients: 100 } } });

lmtpTest("ten unknown commands end the connection, and a line without end", async (t) => {
  const client = await t.hello();
  for (let count = 1; count < 10; count++) await client.exchange("C: WIZ\nS: 500 ...");
  await client.exchange("C: WIZ\nS: 421 ...");
  await client.ended();
  const other = await t.hello();
  await other.send("x".repeat(10_000));
  await other.exchange("S: 421 5.5.2 Command line too long");
  await other.ended();
});

lmtpTest("no command hides in a message that ends otherwise than with CRLF.CRLF (SMTP smuggling)", async (t) => {
  const client = await t.hello();
  const smuggled = "Subject: x\r\n\r\nx\n.\nMAIL FROM:<evil@example.net>\n.\r\nRCPT TO:<bob@example.org>\r.\r";
  assert.deepEqual(await client.deliver(["ann@example.org"], smuggled), [DELIVERED]);
  await client.exchange("C: NOOP\nS: 250 ...");
  assert.ok((await t.messages())[0].endsWith(`${smuggled}\r\n`));
});

lmtpTest("millions of dots take no longer than other bytes", async (t) => {
  const client = await t.hello();
  const start = performance.now();
  assert.deepEqual(await client.deliver(["ann@example.org"], "..\r\n".repeat(1_000_000)), [DELIVERED]);
  assert.ok(performance.now() - start < 10_000);
  assert.ok((await t.messages())[0].endsWith("org\r\n" + ".\r\n".repeat(1_000_000) + "\r\n"));
});

lmtpTest("bytes one by one make the same message as all at once", async (t) => {
  const client = await t.hello();
  await client.exchange("C: MAIL FROM:<ed@example.net>\nS: 250 ...\nC: RCPT TO:<ann@example.org>\nS: 250 ...");
  await client.exchange("C: DATA\nS: 354 ...");
  const sent = "..\r\nSubject: x\r\n\r\n..\r\n...\r\n..x\r\n\r\n.\r\n";
  for (const byte of new TextEncoder().encode(sent)) await client.send(new Uint8Array([byte]));
  await client.exchange(`S: ${DELIVERED}`);
  assert.ok((await t.messages())[0].endsWith("org\r\n.\r\nSubject: x\r\n\r\n.\r\n..\r\n.x\r\n\r\n"));
});
