import assert from "node:assert/strict";
import type { MailboxName } from "../../store/types.ts";
import { lmtpTest } from "./support.ts";

const MESSAGE = "Subject: hello\r\n\r\ntext";

lmtpTest("mail to an alias comes, with the address that was written to, also with a folder behind it", async (t) => {
  const { id } = await t.account();
  await t.store.directory.addresses.add(id, "Sales@example.org");
  await (await t.mail()).createMailbox("Orders" as MailboxName);
  const client = await t.hello();
  assert.match((await client.deliver(["SALES@example.org"], MESSAGE))[0], /^250 /);
  assert.match((await client.deliver(["sales+orders@example.org"], MESSAGE))[0], /^250 /);
  assert.match((await t.messages())[0], /^Delivered-To: SALES@example\.org\r$/m);
  assert.equal((await t.messages("ann@example.org", "Orders")).length, 1);
});

lmtpTest("an account with several of the recipients' addresses keeps the content once", async (t) => {
  const { id } = await t.account();
  await t.store.directory.addresses.add(id, "sales@example.org");
  const client = await t.hello();
  const answers = await client.deliver(["ann@example.org", "sales@example.org"], MESSAGE);
  assert.deepEqual(answers.map((answer) => answer.slice(0, 4)), ["250 ", "250 "]);
  assert.equal((await t.messages()).length, 1);
});

lmtpTest("all of a domain that nobody has goes to whom the domain is given", async (t) => {
  const { id } = await t.account();
  await t.store.directory.addresses.add(id, "@example.org");
  await t.store.directory.addresses.add(id, "@b\u00fccher.example");
  const client = await t.hello();
  for (const address of ["nobody@example.org", "nobody+x@EXAMPLE.org", "x@xn--bcher-kva.example", "bob@example.org"]) {
    assert.match((await client.deliver([address], MESSAGE))[0], /^250 /, address);
  }
  assert.equal((await t.messages()).length, 3);
  assert.equal((await t.messages("bob@example.org")).length, 1);
  assert.match((await client.deliver(["nobody@example.net"], MESSAGE))[0], /^550 5\.1\.1 /);
  assert.match((await client.deliver(["nobody"], MESSAGE))[0], /^550 5\.1\.1 /);
});

lmtpTest("mail to a disabled domain waits at the mail server (RFC 3463 X.2.1), whoever it is to", async (t) => {
  const { domains, addresses } = t.store.directory;
  await domains.add("example.org");
  await domains.add("example.net");
  await addresses.add((await t.account("bob@example.org")).id, "bob@example.net");
  await domains.setDisabled("example.org", true);
  const client = await t.hello();
  for (const address of ["ann@example.org", "ann+x@EXAMPLE.ORG", "nobody@example.org"]) {
    assert.match((await client.deliver([address], MESSAGE))[0], /^450 4\.2\.1 /, address);
  }
  // Of an alias counts the domain that was written to.
  assert.match((await client.deliver(["bob@example.net"], MESSAGE))[0], /^250 /);
  await domains.setDisabled("example.org", false);
  assert.match((await client.deliver(["ann@example.org"], MESSAGE))[0], /^250 /);
});

lmtpTest("a removed account takes no mail, nor does anybody else for it; a restored one does", async (t) => {
  const { directory } = t.store;
  const { id } = await t.account();
  await directory.addresses.add(id, "sales@example.org");
  await directory.addresses.add((await t.account("bob@example.org")).id, "@example.org");
  await directory.setRemoved(id, 1000);
  const client = await t.hello();
  for (const address of ["ann@example.org", "ann+x@example.org", "sales@example.org"]) {
    assert.match((await client.deliver([address], MESSAGE))[0], /^550 5\.2\.1 /, address);
  }
  await directory.setRemoved(id, null);
  assert.match((await client.deliver(["sales@example.org"], MESSAGE))[0], /^250 /);
  await directory.remove(id);
  // Nobody has it any more.
  assert.match((await client.deliver(["ann@example.org"], MESSAGE))[0], /^250 /);
  assert.equal((await t.messages("bob@example.org")).length, 1);
});

lmtpTest("a disabled account takes mail", async (t) => {
  await t.store.directory.setDisabled((await t.account()).id, "Unpaid.");
  const client = await t.hello();
  assert.match((await client.deliver(["ann@example.org"], MESSAGE))[0], /^250 /);
});
