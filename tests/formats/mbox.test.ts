import assert from "node:assert/strict";
import { fromLine, fromLineDate } from "../../server/formats/mbox/fromline.ts";
import { quoted, unquoted } from "../../server/formats/mbox/quoting.ts";
import { messages, transferTest } from "./support.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const from = (date: string) => fromLineDate(bytes(`From ${date}`));

Deno.test("From lines: asctime, with a zone before or behind the year, Thunderbird's, none", () => {
  const time = Date.UTC(2024, 0, 2, 3, 4, 5) / 1000;
  assert.equal(from("a@b Tue Jan  2 03:04:05 2024"), time);
  assert.equal(from("- Tue Jan 02 03:04:05 2024\r"), time);
  assert.equal(from("1234@xxx Tue Jan 02 04:04:05 +0100 2024"), time);
  assert.equal(from("a b c Tue Jan 2 04:04:05 2024 +0100"), time);
  assert.equal(from("a@b Tue Jan  2 03:04:05 UTC 2024"), time);
  assert.equal(from("a@b Tue Jan  2 03:04 2024"), time - 5);
  assert.equal(from("a@b Tue Jan  2 03:04:05 2024 remote from x"), time);
  for (const wrong of ["a@b", "here to Tue there", "a@b 2 Jan 2024", "x".repeat(5000)]) {
    assert.equal(from(wrong), undefined);
  }
  for (const date of [0, time, -86_400, 253_402_300_799]) {
    assert.equal(fromLineDate(bytes(fromLine(date).trimEnd())), date);
  }
});

Deno.test("quoting and unquoting give the same bytes, however they are cut", () => {
  const texts = [
    "From a\n>From b\n>>From c\nFrom\n>from d\n> From e\n\nFrom f",
    ">".repeat(5000) + "From a\n" + ">".repeat(5000) + "\n" + "x".repeat(5000) + ">From b\nFrom c",
    "x".repeat(3000) + ">>>",
    ">".repeat(4000),
  ];
  for (const text of texts) {
    const whole = join(quoted([bytes(text)]));
    assert.ok(!/^From /m.test(whole));
    for (const size of [1, 2, 3, 7, 100, 1999, 2001, 4096]) {
      assert.equal(join(quoted(pieces(text, size))), whole);
      assert.equal(join(unquoted(pieces(whole, size), 10)), text);
    }
  }
});

function pieces(text: string, size: number): Uint8Array[] {
  const all = bytes(text);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}

function join(parts: Iterable<Uint8Array>): string {
  return [...parts].map((part) => new TextDecoder().decode(part)).join("");
}

const DATE = "Tue Jan  2 03:04:05 2024";
const TIME = Date.UTC(2024, 0, 2, 3, 4, 5) / 1000;
const texts = async (...args: Parameters<typeof messages>) => (await messages(...args)).map(({ text }) => text);

transferTest("mbox: quoted lines, line ends and the empty lines between messages", async (t) => {
  t.write(
    "in",
    `From a@b ${DATE}\nA: 1\n\n>From x\n>>From y\n\n\nFrom a@b ${DATE}\nA: 2\n\nno empty line\nFrom a@b ${DATE}\r\nA: 3\r\n\r\nno end`,
  );
  assert.deepEqual(await t.bring("mbox", "in"), { added: 3, present: 0, told: [] });
  assert.deepEqual(await messages(t.mail), [
    { date: TIME, flags: "", text: "A: 1\r\n\r\nFrom x\r\n>From y\r\n\r\n" },
    { date: TIME, flags: "", text: "A: 2\r\n\r\nno empty line\r\n" },
    { date: TIME, flags: "", text: "A: 3\r\n\r\nno end" },
  ]);
});

transferTest("mbox: a file with Content-Length in it is read by it, as long as it is right", async (t) => {
  const body = `From inside ${DATE}\n\n>From b\n`;
  const counted = `From a@b ${DATE}\nContent-Length: ${body.length}\nA: 1\n\n${body}`;
  t.write("in", `${counted}\n${counted}From a@b ${DATE}\nContent-Length: 5\nA: 3\n\nmore than five\n\n`);
  assert.deepEqual(await t.bring("mbox", "in"), { added: 3, present: 0, told: [] });
  const kept = `A: 1\r\n\r\n${body.replaceAll("\n", "\r\n")}`;
  assert.deepEqual(await texts(t.mail), [kept, kept, "A: 3\r\n\r\nmore than five\r\n"]);

  // Where the first message has none, the sender of a later one does not decide where it ends.
  t.write(
    "other",
    `From a@b ${DATE}\nA: 1\n\nx\n\nFrom a@b ${DATE}\nContent-Length: 60\nA: 2\n\nx\n\nFrom a@b ${DATE}\nA: 3\n\nx\n`,
  );
  const other = await t.fresh();
  assert.equal((await t.bring("mbox", "other", { into: other })).added, 3);
});

transferTest("mbox: status fields become flags and are taken away", async (t) => {
  t.write(
    "in",
    `From MAILER-DAEMON ${DATE}\nFrom: x\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 1 2\n\nx\n\n` +
      `From a@b ${DATE}\nStatus: RO\nX-Status: AFDT\nX-Keywords: $Forwarded own   \nX-UID: 7\nA: 1\n\nStatus: R\n\n` +
      `From a@b ${DATE}\nX-Mozilla-Status: 100f\nX-Mozilla-Status2: 00000000\nX-Mozilla-Keys: $label1 a(b)      \nA: 2\n\nx\n\n` +
      `From a@b ${DATE}\nX-Mozilla-Status: 0000\nStatus: O\nA: 3\n\nx\n`,
  );
  assert.deepEqual((await t.bring("mbox", "in")).told, []);
  const all = "\\Answered \\Deleted";
  assert.deepEqual(await messages(t.mail), [
    { date: TIME, flags: `$Forwarded ${all} \\Draft \\Flagged \\Seen own`, text: "A: 1\r\n\r\nStatus: R\r\n" },
    { date: TIME, flags: `$Forwarded $label1 ${all} \\Flagged \\Seen a_b_`, text: "A: 2\r\n\r\nx\r\n" },
    { date: TIME, flags: "", text: "A: 3\r\n\r\nx\r\n" },
  ]);
});

transferTest("mbox: labels of Google Takeout are mailboxes; one message in several is kept once", async (t) => {
  const labelled = (labels: string, n: number) =>
    `From 1@xxx ${DATE}\nX-GM-THRID: 1\nX-Gmail-Labels: ${labels}\nA: ${n}\n\nx\n\n`;
  t.write(
    "in",
    labelled("Inbox,Opened,Starred,Important,Category Promotions", 1) +
      labelled('=?UTF-8?Q?Posteingang,Ungelesen,"R=C3=A4te,_alt",Work/2024?=', 2) +
      labelled("Archived,Opened", 3) + labelled("Sent,Opened", 4) + labelled("Spam,Unread", 5) + labelled("Trash", 6),
  );
  assert.deepEqual(await t.bring("mbox", "in"), { added: 6, present: 0, told: [] });
  const flags = async (name: string) =>
    (await messages(t.mail, name)).map(({ text, flags }) => `${text.slice(3, 4)} ${flags}`);
  assert.deepEqual(await flags("INBOX"), ["1 $Important Category-Promotions \\Flagged \\Seen", "2 "]);
  assert.deepEqual(await flags("Räte, alt"), ["2 "]);
  assert.deepEqual(await flags("Work/2024"), ["2 "]);
  assert.deepEqual(await flags("Archive"), ["3 \\Seen"]);
  assert.deepEqual(await flags("Sent"), ["4 \\Seen"]);
  assert.deepEqual(await flags("Junk"), ["5 "]);
  assert.deepEqual(await flags("Trash"), ["6 \\Seen"]);
  assert.deepEqual(await t.bring("mbox", "in"), { added: 0, present: 6, told: [] });
});

transferTest("mbox: leading garbage, wrong From lines, no message, no bytes are told with their place", async (t) => {
  const good = `From a@b ${DATE}\nA: 1\n\nFrom here on\ntext\n\nFrom there on\nNote: text\n\n`;
  t.write("in/INBOX", `garbage\n\n${good}From a@b nonsense\nReceived: x; ${"Tue, 2 Jan 2024 03:04:05 +0000"}\n\nx\n\n`);
  t.write("in/empty", "");
  t.write("in/none", "no mail\n");
  t.write("in/nothing", `From a@b ${DATE}\n\nFrom a@b ${DATE}\nA: 9\n`);
  const { added, told } = await t.bring("mbox", "in");
  assert.equal(added, 3);
  assert.deepEqual(told, [
    "skipped: in/INBOX, bytes 0 to 9: no From line before them",
    `note: in/INBOX, byte ${9 + good.length}: its From line has no date; the message's own is taken`,
    "skipped: in/none: not an mbox: it has no From line",
    "skipped: in/nothing, byte 0: it is empty",
  ]);
  assert.equal((await messages(t.mail))[1].date, TIME);
  assert.deepEqual(await texts(t.mail, "empty"), []);
});

transferTest("mbox: CR alone as line end", async (t) => {
  t.write("in", `From a@b ${DATE}\rA: 1\r\rx\r>From y\r\rFrom a@b ${DATE}\rA: 2\r\rx\r`);
  await t.bring("mbox", "in");
  assert.deepEqual(await texts(t.mail), ["A: 1\r\n\r\nx\r\nFrom y\r\n", "A: 2\r\n\r\nx\r\n"]);
});

transferTest("mbox: Thunderbird's and Apple's folders, Dovecot's subscriptions", async (t) => {
  const one = (n: number) => `From - ${DATE}\nA: ${n}\n\nx\n`;
  t.write("in/Inbox", one(1));
  t.write("in/Inbox.msf", "// not mail");
  t.write("in/Inbox.sbd/Below", one(2));
  t.write("in/Sent Messages.mbox/mbox", one(3));
  t.write("in/Projects/Entw&APw-rfe", one(4));
  t.write("in/.subscriptions", "INBOX\nProjects/Entw&APw-rfe\n");
  assert.deepEqual((await t.bring("mbox", "in")).told, []);
  assert.deepEqual(await texts(t.mail), ["A: 1\r\n\r\nx\r\n"]);
  assert.deepEqual(await texts(t.mail, "INBOX/Below"), ["A: 2\r\n\r\nx\r\n"]);
  // A usual name leads to the account's own mailbox of that use.
  assert.deepEqual(await texts(t.mail, "Sent"), ["A: 3\r\n\r\nx\r\n"]);
  assert.deepEqual(await texts(t.mail, "Projects/Entwürfe"), ["A: 4\r\n\r\nx\r\n"]);
  const subscribed = await t.mail.subscriptions();
  assert.ok(subscribed.includes("Projects/Entwürfe" as never) && !subscribed.includes("INBOX/Below" as never));
});

transferTest("mbox: an export that was cut at any byte is completed by the next", async (t) => {
  t.write("in", `From a@b ${DATE}\nStatus: RO\nA: 1\n\nx\n\nFrom a@b ${DATE}\nX-Keywords: k\nA: 2\n\nno end`);
  await t.bring("mbox", "in");
  await t.take("mbox", "out");
  const whole = Deno.readFileSync(`${t.folder}/out/INBOX`);
  for (let end = 0; end <= whole.length; end++) {
    Deno.writeFileSync(`${t.folder}/out/INBOX`, whole.subarray(0, end));
    await t.take("mbox", "out");
    assert.deepEqual(Deno.readFileSync(`${t.folder}/out/INBOX`), whole, `cut at ${end}`);
  }
});

transferTest("messages that are too large are told and skipped", async (t) => {
  t.write("in", `From a@b ${DATE}\nA: 1\n\n${"x".repeat(500)}\n\nFrom a@b ${DATE}\nA: 2\n\nx\n`);
  const { added, told } = await t.bring("mbox", "in", { maxSize: 400 });
  assert.equal(added, 1);
  assert.deepEqual(told, ["skipped: in, byte 0: it has 507 bytes, more than 400 (--max-size takes more)"]);
});

transferTest("what occurs twice is imported twice, and not again", async (t) => {
  const one = `From a@b ${DATE}\nA: 1\n\nx\n\n`;
  t.write("one", one);
  t.write("three", one.repeat(3));
  assert.equal((await t.bring("mbox", "one")).added, 1);
  assert.deepEqual(await t.bring("mbox", "three"), { added: 2, present: 1, told: [] });
  assert.deepEqual(await t.bring("mbox", "three"), { added: 0, present: 3, told: [] });
  assert.equal((await messages(t.mail)).length, 3);
});

transferTest("everything can be put below another mailbox", async (t) => {
  t.write("in/INBOX", `From a@b ${DATE}\nA: 1\n\nx\n`);
  t.write("in/Sent Items", `From a@b ${DATE}\nA: 2\n\nx\n`);
  await t.bring("mbox", "in", { below: "Old/Mail" });
  assert.deepEqual(await texts(t.mail, "Old/Mail"), ["A: 1\r\n\r\nx\r\n"]);
  assert.deepEqual(await texts(t.mail, "Old/Mail/Sent Items"), ["A: 2\r\n\r\nx\r\n"]);
  assert.equal((await messages(t.mail)).length, 0);
});

transferTest("an import is heard by who else has the store open, and seen at once", async (t) => {
  const other = await t.other();
  const heard = Promise.withResolvers<void>();
  const end = other.store.bell.listen(t.account, () => heard.resolve());
  t.write("in", `From a@b ${DATE}\nA: 1\n\nx\n`);
  await t.bring("mbox", "in");
  await heard.promise;
  end();
  assert.equal((await messages(other.mail)).length, 1);
});
