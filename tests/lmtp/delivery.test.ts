import assert from "node:assert/strict";
import type { MailboxName } from "../../store/types.ts";
import { lmtpTest } from "./support.ts";

const DELIVERED = "250 2.0.0 Delivered";
const name = (text: string) => text as MailboxName;

lmtpTest("subaddresses name mailboxes, in any case; INBOX where there is none (RFC 5233)", async (t) => {
  const mail = await t.mail();
  await mail.createMailbox(name("Lists/Roost"));
  await mail.createMailbox(name("work"));
  await mail.createMailbox(name("Work"));
  const client = await t.hello();
  const where = async (address: string) => {
    assert.deepEqual(await client.deliver([address], `Subject: ${address}\r\n\r\n`), [DELIVERED], address);
    for (const mailbox of await mail.mailboxes()) {
      if ((await t.messages(undefined, mailbox.name)).some((text) => text.includes(`Subject: ${address}\r\n`))) {
        return mailbox.name;
      }
    }
  };
  assert.equal(await where("ann+lists/roost@example.org"), "Lists/Roost");
  assert.equal(await where("Ann+LISTS@example.org"), "Lists");
  assert.equal(await where("ann+Work@example.org"), "Work");
  assert.equal(await where("ann+work@example.org"), "work");
  assert.equal(await where("ann+inbox@example.org"), "INBOX");
  for (const folder of ["", "none", "..", "/", "a//b", "x".repeat(500), "lists+"]) {
    assert.equal(await where(`ann+${folder}@example.org`), "INBOX");
  }
  assert.equal(await where("ann+own@example.org"), undefined); // it is an account's own address
  assert.equal((await t.messages("ann+own@example.org")).length, 1);
  assert.match((await client.deliver(["+lists@example.org"], ""))[0], /^550 /);
}, { accounts: ["ann@example.org", "ann+own@example.org"] });

lmtpTest("mailboxes that addresses name are made where that is configured, another delimiter is", async (t) => {
  const client = await t.hello();
  const recipients = ["ann-new/one@example.org", "ann-bad//name@example.org", "ann-NEW@example.org"];
  assert.deepEqual(await client.deliver(recipients, "Subject: x\r\n\r\n"), [DELIVERED, DELIVERED, DELIVERED]);
  const names = (await (await t.mail()).mailboxes()).map(({ name }) => name);
  assert.ok(names.includes(name("new/one")));
  assert.equal((await t.messages(undefined, "new/one")).length, 1);
  assert.equal((await t.messages(undefined, "new")).length, 1);
  assert.equal((await t.messages()).length, 1);
  assert.match((await client.deliver(["ann+x@example.org"], ""))[0], /^550 /);
}, { config: { delivery: { delimiter: "-", createFolders: true } } });

lmtpTest(
  "several addresses of an account: one email, a message in each mailbox, a Delivered-To for each",
  async (t) => {
    const mail = await t.mail();
    await mail.createMailbox(name("a"));
    const client = await t.hello();
    const recipients = ["ann@example.org", "bob@example.org", "ann+a@example.org", "ann+none@example.org"];
    assert.deepEqual(await client.deliver(recipients, "Subject: x\r\n\r\n"), recipients.map(() => DELIVERED));
    const text =
      "Return-Path: <ed@example.net>\r\nDelivered-To: ann@example.org\r\nDelivered-To: ann+a@example.org\r\n" +
      "Delivered-To: ann+none@example.org\r\nSubject: x\r\n\r\n\r\n";
    assert.deepEqual(await t.messages(), [text]);
    assert.deepEqual(await t.messages(undefined, "a"), [text]);
    const emails = new Set<number>();
    for (const mailbox of await mail.mailboxes()) {
      for await (const rows of mail.read(mailbox.id, [{ first: 1, last: 10 }] as never, ["emailId"], 0 as never)) {
        for (const [email] of rows) emails.add(email);
      }
    }
    assert.equal(emails.size, 1);
    assert.equal((await t.messages("bob@example.org")).length, 1);
  },
);

lmtpTest(
  "Return-Path fields at the top are of an earlier delivery and go; all else stays (RFC 5321 §4.4)",
  async (t) => {
    const client = await t.hello();
    const rest = "Received: x\r\nReturn-Path: <kept@example.net>\r\nDelivered-To: kept\r\n\r\nReturn-Path: x\r\n";
    const early = "Return-Path: <old@example.net>\r\nRETURN-path:\r\n\t<folded@example.net>\r\n";
    assert.deepEqual(await client.deliver(["ann@example.org"], early + rest), [DELIVERED]);
    assert.deepEqual(await client.deliver(["ann@example.org"], "Return-Pat: x\r\n\r\n"), [DELIVERED]);
    assert.deepEqual(await client.deliver(["ann@example.org"], "Return-Pa"), [DELIVERED]);
    const head = "Return-Path: <ed@example.net>\r\nDelivered-To: ann@example.org\r\n";
    assert.deepEqual(await t.messages(), [
      `${head}${rest}\r\n`,
      `${head}Return-Pat: x\r\n\r\n\r\n`,
      `${head}Return-Pa\r\n`,
    ]);
  },
);

lmtpTest("over quota: 452 4.2.2 at RCPT where SIZE says so, after DATA otherwise; others get theirs", async (t) => {
  const client = await t.hello();
  await client.exchange(`
    C: MAIL FROM:<ed@example.net> SIZE=5000
    S: 250 ...
    C: RCPT TO:<ann@example.org>
    S: 452 4.2.2 The mailbox is full
    C: RSET
    S: 250 ...
  `);
  await t.store.directory.setQuota((await t.account("bob@example.org")).id, { bytes: 0, messages: 0 });
  const answers = await client.deliver(["ann@example.org", "bob@example.org"], "x".repeat(5000));
  assert.deepEqual(answers, ["452 4.2.2 The mailbox is full", DELIVERED]);
  assert.deepEqual(await t.messages(), []);
}, { config: { quota: 4000 } });

lmtpTest("over quota: 552 5.2.2 where configured; a copy in each mailbox counts", async (t) => {
  await (await t.mail()).createMailbox(name("a"));
  const client = await t.hello();
  const full = "552 5.2.2 The mailbox is full";
  const two = ["ann@example.org", "ann+a@example.org"];
  assert.deepEqual(await client.deliver(two, "x".repeat(2500)), [full, full]);
  assert.deepEqual(await t.messages(), []);
  assert.deepEqual(await client.deliver(two, "x"), [DELIVERED, DELIVERED]);
  assert.deepEqual(await client.deliver(["ann@example.org"], "x"), [full]);
}, { config: { quota: 4000, quotaMessages: 2, delivery: { overQuota: "permanent" } } });

lmtpTest("the same Message-ID within a minute is taken and forgotten, in each mailbox for itself", async (t) => {
  await (await t.mail()).createMailbox(name("a"));
  const client = await t.hello();
  const message = "Message-ID: <1@example.net>\r\n\r\n";
  const again = "250 2.0.0 Delivered a moment ago";
  assert.deepEqual(await client.deliver(["ann@example.org"], message), [DELIVERED]);
  assert.deepEqual(await client.deliver(["ann@example.org"], message), [again]);
  assert.deepEqual(await client.deliver(["ann+a@example.org", "ann@example.org"], message), [DELIVERED, again]);
  assert.deepEqual(await client.deliver(["bob@example.org"], message), [DELIVERED]);
  assert.deepEqual(await client.deliver(["ann@example.org"], "Subject: none\r\n\r\n"), [DELIVERED]);
  assert.deepEqual(await client.deliver(["ann@example.org"], "Subject: none\r\n\r\n"), [DELIVERED]);
  assert.equal((await t.messages()).length, 3);
  assert.equal((await t.messages(undefined, "a")).length, 1);
}, { config: { delivery: { suppressDuplicates: true } } });

lmtpTest("without that, each delivery is one", async (t) => {
  const client = await t.hello();
  for (let count = 0; count < 2; count++) {
    assert.deepEqual(await client.deliver(["ann@example.org"], "Message-ID: <1@example.net>\r\n\r\n"), [DELIVERED]);
  }
  assert.equal((await t.messages()).length, 2);
});

lmtpTest("X-Spam: Yes files into the mailbox with \\Junk, wherever it is", async (t) => {
  const mail = await t.mail();
  await mail.renameMailbox(name("Junk"), name("Rubbish"));
  await mail.createMailbox(name("a"));
  const client = await t.hello();
  const recipients = ["ann@example.org", "ann+a@example.org"];
  for (const header of ["X-Spam: Yes", "x-spam:  tRuE, score=9", "A: b\r\nX-Spam: no\r\nX-Spam:\r\n yes"]) {
    assert.deepEqual(await client.deliver(recipients, `${header}\r\n\r\n`), [DELIVERED, DELIVERED]);
  }
  assert.equal((await t.messages(undefined, "Rubbish")).length, 3);
  for (const header of ["X-Spam: yesterday", "X-Spam:", "X-Spam-Status: Yes", "A: b\r\n\r\nX-Spam: Yes"]) {
    assert.deepEqual(await client.deliver(["ann@example.org"], `${header}\r\n\r\n`), [DELIVERED]);
  }
  assert.equal((await t.messages()).length, 4);
  await mail.deleteMailbox(name("Rubbish"));
  assert.deepEqual(await client.deliver(["ann@example.org"], "X-Spam: Yes\r\n\r\n"), [DELIVERED]);
  assert.equal((await t.messages()).length, 5);
});

lmtpTest("another header can mark junk", async (t) => {
  const client = await t.hello();
  await client.deliver(["ann@example.org"], "X-Spam: Yes\r\n\r\n");
  await client.deliver(["ann@example.org"], "X-Verdict: rubbish; sure\r\n\r\n");
  assert.equal((await t.messages()).length, 1);
  assert.equal((await t.messages(undefined, "Junk")).length, 1);
}, { config: { delivery: { junkHeader: "X-Verdict", junkValues: ["Rubbish"] } } });

const CROWD = Array.from({ length: 8 }, (_, at) => `u${at}@example.org`);
lmtpTest("large messages go through a file, once for each account", async (t) => {
  const client = await t.hello();
  const body = `${"0123456789abcdef".repeat(4)}\r\n`.repeat(10_000);
  const answers = await client.deliver(CROWD, `Subject: x\r\n\r\n${body}`);
  assert.deepEqual(answers, CROWD.map(() => DELIVERED));
  for (const address of CROWD) {
    const [text] = await t.messages(address);
    assert.equal(text, `Return-Path: <ed@example.net>\r\nDelivered-To: ${address}\r\nSubject: x\r\n\r\n${body}\r\n`);
    const { id } = await t.account(address);
    assert.equal([...Deno.readDirSync(`${t.directory}/accounts/${id}/content`)].length, 1);
  }
}, { accounts: CROWD });

lmtpTest("disabled accounts get mail; an account that is removed meanwhile gets 451", async (t) => {
  const ann = await t.account();
  await t.store.directory.setDisabled(ann.id, "away");
  const client = await t.hello();
  assert.deepEqual(await client.deliver(["ann@example.org"], "Subject: x\r\n\r\n"), [DELIVERED]);
  await client.exchange(`
    C: MAIL FROM:<ed@example.net>
    S: 250 ...
    C: RCPT TO:<ann@example.org>
    S: 250 ...
    C: RCPT TO:<bob@example.org>
    S: 250 ...
  `);
  await t.store.directory.remove((await t.account("bob@example.org")).id);
  await client.exchange(`
    C: DATA
    S: 354 ...
    C: Subject: y
    C:
    C: .
    S: ${DELIVERED}
    S: 451 4.3.0 ...
  `);
  assert.equal((await t.messages()).length, 2);
});

lmtpTest("a client that vanishes within a message leaves nothing", async (t) => {
  const client = await t.hello();
  await client.exchange("C: MAIL FROM:<ed@example.net>\nS: 250 ...\nC: RCPT TO:<ann@example.org>\nS: 250 ...");
  await client.exchange("C: DATA\nS: 354 ...");
  await client.send("x".repeat(500_000));
  client.close();
  await t.close();
  assert.deepEqual(await t.messages(), []);
  const { id } = await t.account();
  assert.deepEqual([...Deno.readDirSync(`${t.directory}/accounts/${id}/content`)], []);
});

lmtpTest("fifty connections at once", async (t) => {
  await Promise.all(Array.from({ length: 50 }, async (_, at) => {
    const client = await t.hello();
    for (let count = 0; count < 4; count++) {
      const answers = await client.deliver(["ann@example.org", "bob@example.org"], `Subject: ${at}.${count}\r\n\r\n`);
      assert.deepEqual(answers, [DELIVERED, DELIVERED]);
    }
  }));
  for (const address of ["ann@example.org", "bob@example.org"]) {
    const subjects = (await t.messages(address)).map((text) => /Subject: (\S+)/.exec(text)?.[1]);
    assert.equal(new Set(subjects).size, 200);
  }
});
