import assert from "node:assert/strict";
import type { SpecialUse } from "../../store/types.ts";
import { add, append, EVERYTHING, faults, indexed, letter, mailTest, name, named, rows } from "./mailsupport.ts";

mailTest("a new account has INBOX and the special-use mailboxes, subscribed (RFC 6154)", async ({ mail }) => {
  const mailboxes = await mail.mailboxes();
  assert.deepEqual(Object.fromEntries(mailboxes.map(({ name, specialUse }) => [name, specialUse])), {
    INBOX: [],
    Sent: ["sent"],
    Drafts: ["drafts"],
    Archive: ["archive"],
    Junk: ["junk"],
    Trash: ["trash"],
  });
  assert.ok(mailboxes.every(({ subscribed }) => subscribed));
  assert.deepEqual((await mail.subscriptions()).sort(), ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"]);
  const objectIds = new Set(mailboxes.map(({ objectId }) => objectId));
  assert.equal(objectIds.size, 6);
  for (const id of objectIds) assert.match(id, /^[A-Za-z0-9_-]{1,255}$/);
});

mailTest("an account's folder is the owner's alone", async ({ dataDir, account, mail }) => {
  await append(mail, "INBOX", letter("large", "", "x".repeat(200_000)));
  const folder = `${dataDir}/accounts/${account}`;
  assert.equal((await Deno.stat(folder)).mode! & 0o777, 0o700);
  assert.equal((await Deno.stat(`${folder}/content`)).mode! & 0o777, 0o700);
  for (const file of ["mail.db", "mail.db-wal", "lock-purge"]) {
    assert.equal((await Deno.stat(`${folder}/${file}`)).mode! & 0o777, 0o600, file);
  }
});

mailTest("CREATE makes the missing parents and subscribes (RFC 9051 §6.3.4)", async ({ mail }) => {
  const before = await mail.modseq();
  const made = await mail.createMailbox(name("a/b/c"));
  assert.equal(made.name, "a/b/c");
  assert.ok(made.subscribed);
  assert.ok((await named(mail, "a")).subscribed);
  assert.ok((await named(mail, "a/b")).subscribed);
  assert.equal(await mail.modseq(), before + 1);
  assert.equal(made.createSeq, before + 1);
  await faults("alreadyexists", mail.createMailbox(name("a/b")));
});

mailTest("CREATE with a special use that is taken is refused and leaves no parents (RFC 6154 §3)", async ({ mail }) => {
  await faults("useattr", mail.createMailbox(name("x/y"), ["sent"]));
  assert.equal(await mail.mailbox(name("x")), undefined);
  const uses: SpecialUse[] = ["flagged", "important"];
  assert.deepEqual((await mail.createMailbox(name("Starred"), uses)).specialUse, uses);
});

mailTest("UIDVALIDITY ascends and is not used again after DELETE (RFC 9051 §2.3.1.1)", async ({ mail }) => {
  const first = await mail.createMailbox(name("x"));
  await mail.deleteMailbox(name("x"));
  const second = await mail.createMailbox(name("x"));
  assert.ok(second.uidValidity > first.uidValidity);
  assert.notEqual(second.id, first.id);
  assert.notEqual(second.objectId, first.objectId);
  const all = (await mail.mailboxes()).map(({ uidValidity }) => uidValidity);
  assert.equal(new Set(all).size, all.length);
});

mailTest("DELETE is refused for INBOX, for parents, and for what is not there (RFC 9051 §6.3.5)", async ({ mail }) => {
  await mail.createMailbox(name("a/b"));
  await faults("cannot", mail.deleteMailbox(name("INBOX")));
  await faults("haschildren", mail.deleteMailbox(name("a")));
  await faults("nonexistent", mail.deleteMailbox(name("b")));
  await mail.deleteMailbox(name("a/b"));
  await mail.deleteMailbox(name("a"));
});

mailTest("a name that only begins like another is not below it", async ({ mail }) => {
  await mail.createMailbox(name("a"));
  await mail.createMailbox(name("a0/x"));
  await mail.createMailbox(name("a.b"));
  await mail.deleteMailbox(name("a"));
  assert.ok(await mail.mailbox(name("a0/x")));
});

mailTest("DELETE takes the messages off the quota and ends the index", async ({ mail }) => {
  const box = await mail.createMailbox(name("x"));
  await append(mail, "x", letter("one"), letter("two"));
  await mail.index(box.id);
  await mail.deleteMailbox(name("x"));
  assert.equal((await mail.usage()).messages, 0);
  assert.equal((await mail.usage()).bytes, 0);
  await faults("nonexistent", mail.index(box.id));
  await faults("nonexistent", mail.status(box.id));
  await faults("nonexistent", mail.storeFlags(box.id, EVERYTHING, add("\\Seen")));
});

mailTest("a subscription outlives its mailbox (RFC 9051 §6.3.7)", async ({ mail }) => {
  await mail.createMailbox(name("x"));
  await mail.deleteMailbox(name("x"));
  assert.ok((await mail.subscriptions()).includes(name("x")));
  await mail.setSubscribed(name("x"), false);
  await mail.setSubscribed(name("never there"), true);
  const names = await mail.subscriptions();
  assert.ok(!names.includes(name("x")) && names.includes(name("never there")));
  await mail.setSubscribed(name("Sent"), false);
  assert.equal((await named(mail, "Sent")).subscribed, false);
});

mailTest("RENAME takes the children along and keeps identity and messages (RFC 9051 §6.3.6)", async ({ mail }) => {
  const child = await mail.createMailbox(name("a/b"));
  await append(mail, "a/b", letter("one"));
  await mail.renameMailbox(name("a"), name("x/y"));
  assert.equal(await mail.mailbox(name("a")), undefined);
  const renamed = await named(mail, "x/y/b");
  assert.equal(renamed.objectId, child.objectId);
  assert.equal(renamed.uidValidity, child.uidValidity);
  assert.equal((await mail.status(renamed.id)).messages, 1);
  assert.ok(await mail.mailbox(name("x")));
});

mailTest("RENAME is refused onto another, below itself, and of what is not there", async ({ mail }) => {
  await mail.createMailbox(name("a"));
  await faults("alreadyexists", mail.renameMailbox(name("a"), name("Sent")));
  await faults("cannot", mail.renameMailbox(name("a"), name("a/b/c")));
  await faults("nonexistent", mail.renameMailbox(name("b"), name("c")));
  await faults("alreadyexists", mail.renameMailbox(name("a"), name("INBOX")));
  assert.equal((await mail.mailboxes()).length, 7);
});

mailTest("RENAME of INBOX moves its messages and leaves INBOX and what is below (RFC 9051 §6.3.6)", async (t) => {
  const { mail, inbox } = t;
  await mail.createMailbox(name("INBOX/child"));
  await append(mail, "INBOX", letter("one"), letter("two"));
  await mail.storeFlags(inbox.id, EVERYTHING, add("\\Seen", "later"));
  await mail.renameMailbox(name("INBOX"), name("old/mail"));
  const moved = await named(mail, "old/mail");
  assert.deepEqual(await indexed(mail, inbox), []);
  assert.deepEqual(await indexed(mail, moved), [1, 2]);
  assert.deepEqual((await mail.index(moved.id)).keywords, ["later"]);
  assert.equal((await mail.status(moved.id)).unseen, 0);
  assert.equal((await rows(mail, moved, ["envelope"])).length, 2);
  assert.ok(await mail.mailbox(name("INBOX/child")));
  assert.equal((await named(mail, "INBOX")).objectId, inbox.objectId);
});

mailTest("changes of the list of mailboxes ring without mailboxes", async ({ mail, store, account }) => {
  const rings: number[] = [];
  const done = Promise.withResolvers<void>();
  const end = store.bell.listen(account, (ring) => {
    rings.push(ring.mailboxes.length);
    done.resolve();
  });
  await mail.createMailbox(name("x"));
  await done.promise;
  end();
  assert.deepEqual(rings, [0]);
});

mailTest("an account that does not exist is refused at its first use", async ({ store, account }) => {
  const unknown = (account + 1) as typeof account;
  await faults("nonexistent", store.mail(unknown).mailboxes());
});

mailTest("after the account was removed its mail is gone", async ({ store, account, mail, dataDir }) => {
  await append(mail, "INBOX", letter("one"));
  await store.directory.remove(account);
  await faults("nonexistent", mail.mailboxes());
  await faults("nonexistent", store.mail(account).mailboxes());
  await assert.rejects(Deno.stat(`${dataDir}/accounts/${account}`), Deno.errors.NotFound);
});

mailTest("mailboxes are known as they are now, whoever changed them", async ({ mail, other }) => {
  const { mail: theirs } = await other();
  const names = async () => (await mail.mailboxes()).map(({ name }) => name);
  for (const by of [mail, theirs]) {
    await named(mail, "Sent");
    assert.ok(!(await names()).includes(name("new")));
    const made = await by.createMailbox(name("new"));
    await append(by, "INBOX", letter("one"));
    assert.deepEqual(await mail.mailbox(name("new")), made);
    assert.ok((await names()).includes(name("new")));
    await by.setSubscribed(name("new"), false);
    assert.equal((await named(mail, "new")).subscribed, false);
    await by.renameMailbox(name("new"), name("newer"));
    assert.equal(await mail.mailbox(name("new")), undefined);
    assert.equal((await named(mail, "newer")).id, made.id);
    await append(mail, "newer", letter("two"));
    await by.deleteMailbox(name("newer"));
    assert.equal(await mail.mailbox(name("newer")), undefined);
    assert.ok(!(await names()).includes(name("newer")));
  }
});
