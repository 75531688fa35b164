import assert from "node:assert/strict";
import { flagsOf, lettersOf, parseFileName } from "../../server/formats/maildir/flags.ts";
import { messages, transferTest } from "./support.ts";

Deno.test("flags in names of files: :2, !2, ;2, sizes, letters that mean nothing", () => {
  assert.deepEqual(parseFileName("1.a.host,S=3,W=4:2,FS"), { base: "1.a.host,S=3,W=4", letters: "FS" });
  assert.deepEqual(parseFileName("1.a.host!2,S"), { base: "1.a.host", letters: "S" });
  assert.deepEqual(parseFileName("1.a.host;2,"), { base: "1.a.host", letters: "" });
  assert.deepEqual(parseFileName("1.a.host:2,Sa,more"), { base: "1.a.host", letters: "Sa" });
  assert.deepEqual(parseFileName("1.a.host"), { base: "1.a.host", letters: "" });
  const unknown: string[] = [];
  const flags = flagsOf("DFPRSTabz9", ["first"], (letter) => unknown.push(letter));
  assert.deepEqual(flags, ["\\Draft", "\\Flagged", "$Forwarded", "\\Answered", "\\Seen", "\\Deleted", "first"]);
  assert.deepEqual(unknown, ["b", "z", "9"]);
  assert.deepEqual(lettersOf([...flags, "other"], ["first"]), { letters: "DFPRSTa", others: ["other"] });
  assert.deepEqual(lettersOf(["$Forwarded"], ["first", "$Forwarded"]), { letters: "Pb", others: [] });
});

const mail = (n: number) => `A: ${n}\n\nx\n`;
const kept = (n: number) => `A: ${n}\r\n\r\nx\r\n`;

transferTest("Maildir++: folders, keywords, the order of UIDs, dates, subscriptions", async (t) => {
  t.write("in/cur/1700000003.a.host:2,Sab", mail(1), 1_600_000_000);
  t.write("in/new/1700000001.b.host", mail(2), 1_600_000_001);
  t.write("in/cur/1700000002.c.host,S=9,W=12:2,P", mail(3), 1_600_000_002);
  t.write("in/tmp/1700000000.d.host", mail(9));
  t.write("in/cur/.hidden", mail(9));
  t.write("in/dovecot-keywords", "0 $Junk\n1 own\n");
  t.write(
    "in/dovecot-uidlist",
    "3 V1 N9 Gabc\n3 :1700000003.a.host\n4 W12 :1700000002.c.host,S=9,W=12:2,\n8 :1700000001.b.host\n",
  );
  t.write("in/.Sub.Entw&APw-rfe/cur/1.x:2,", mail(4), 7);
  t.write("in/.A&AC4-B/cur/1.x:2,T", mail(5), 7);
  t.write("in/.utf8 &ü/new/1.x", mail(6), 7);
  t.write("in/.Deleted Items/cur/1.x", mail(7), 7);
  t.write("in/subscriptions", "V\t2\n\nINBOX\nSub\tEntw&APw-rfe\n");
  assert.deepEqual(await t.bring("maildir", "in"), { added: 7, present: 0, told: [] });
  assert.deepEqual(await messages(t.mail), [
    { date: 1_600_000_000, flags: "$Junk \\Seen own", text: kept(1) },
    { date: 1_600_000_002, flags: "$Forwarded", text: kept(3) },
    { date: 1_600_000_001, flags: "", text: kept(2) },
  ]);
  const one = async (name: string) => (await messages(t.mail, name)).map(({ text }) => text);
  assert.deepEqual(await one("Sub/Entwürfe"), [kept(4)]);
  assert.deepEqual(await one("A.B"), [kept(5)]);
  assert.deepEqual(await one("utf8 &ü"), [kept(6)]);
  assert.deepEqual(await one("Trash"), [kept(7)]);
  const subscribed: string[] = await t.mail.subscriptions();
  assert.ok(subscribed.includes("Sub/Entwürfe"));
  assert.ok(!subscribed.includes("A.B"));
});

transferTest("Maildirs in folders (LAYOUT=fs), Courier's lists", async (t) => {
  t.write("in/cur/2.b:2,", mail(1));
  t.write("in/cur/1.a:2,", mail(2));
  t.write("in/courierimapuiddb", "/1 1 3\n1 2.b\n2 1.a\n");
  t.write("in/courierimapsubscribed", "INBOX\nINBOX.Work.with.dot\n");
  t.write("in/Work/with.dot/new/1.x", mail(3));
  assert.deepEqual((await t.bring("maildir", "in")).told, []);
  assert.deepEqual((await messages(t.mail)).map(({ text }) => text), [kept(1), kept(2)]);
  assert.equal((await messages(t.mail, "Work/with.dot")).length, 1);
});

transferTest("names that cannot be names here are replaced, and told", async (t) => {
  t.write("in/cur/1.x", mail(1));
  t.write("in/.a\nb/cur/1.x", mail(2), 5);
  t.write("in/.&AAA-/cur/1.x", mail(3), 5);
  t.write("in/.x...y/cur/1.x", mail(4), 5);
  t.write("in/.\\2e\\2e.z/cur/1.x", mail(5), 5);
  t.write(
    `in/${"folder".repeat(40)}/${"folder".repeat(40)}/${"folder".repeat(40)}/${"folder".repeat(40)}/${
      "folder".repeat(40)
    }/cur/1.x`,
    mail(6),
    5,
  );
  const { added, told } = await t.bring("maildir", "in");
  assert.equal(added, 6);
  assert.deepEqual(told.filter((line) => !line.includes("folder")).map((line) => line.split(": ").pop()).sort(), [
    "its name cannot be one here; it is imported as _",
    "its name cannot be one here; it is imported as __/z",
    "its name cannot be one here; it is imported as a_b",
    "its name cannot be one here; it is imported as x/y",
  ]);
  assert.equal(told.length, 5);
  const names = (await t.mail.mailboxes()).map(({ name }) => name as string);
  for (const name of ["_", "__/z", "a_b", "x/y"]) assert.equal((await messages(t.mail, name)).length, 1);
  const long = names.filter((name) => name.startsWith("folder")).sort((a, b) => b.length - a.length)[0];
  assert.equal((await messages(t.mail, long)).length, 1);
  assert.ok(new TextEncoder().encode(long).length <= 1000);
});

transferTest("what cannot be read is told with its place: links out of the tree, folders, no files", async (t) => {
  t.write("secret", mail(9));
  t.write("elsewhere/cur/1.x", mail(9));
  t.write("in/cur/1.good", mail(1), 5);
  t.write("in/cur/5.empty", "");
  t.write("in/cur/folder/x", mail(9));
  await Deno.symlink(`${t.folder}/secret`, `${t.folder}/in/cur/2.out:2,S`);
  await Deno.symlink("1.good", `${t.folder}/in/cur/3.within:2,S`);
  await Deno.symlink("nowhere", `${t.folder}/in/cur/4.nowhere`);
  await Deno.symlink(`${t.folder}/elsewhere`, `${t.folder}/in/.Linked`);
  await new Deno.Command("mkfifo", { args: [`${t.folder}/in/cur/6.pipe`] }).output();
  const { added, told } = await t.bring("maildir", "in");
  assert.equal(added, 2);
  assert.deepEqual(told.sort(), [
    "skipped: in/.Linked: a symbolic link to a folder is not followed",
    "skipped: in/cur/2.out:2,S: a symbolic link that leads out of the tree is not followed",
    "skipped: in/cur/4.nowhere: there is no such file",
    "skipped: in/cur/5.empty: it is empty",
    "skipped: in/cur/6.pipe: not a file",
    "skipped: in/cur/folder: a folder where messages are",
  ]);
  assert.deepEqual((await messages(t.mail)).map(({ text }) => text), [kept(1), kept(1)]);
});

transferTest("a path without mail is refused", async (t) => {
  t.write("in/file", "x");
  await assert.rejects(t.bring("maildir", "in"), /is no Maildir/);
  await assert.rejects(t.bring("maildir", "none"), Deno.errors.NotFound);
});
