import assert from "node:assert/strict";
import { flagSet } from "../../store/flags.ts";
import type { MailStore } from "../../store/store.ts";
import type { MailboxName, SpecialUse } from "../../store/types.ts";
import { draft } from "../store/mailsupport.ts";
import { everything, type Format, FORMATS, type Place, transferTest } from "./support.ts";

const formats = Object.keys(FORMATS) as Format[];

/** Bodies that formats of lines with LF could change. */
const BODIES: Record<string, string> = {
  usual: "From: a@b\r\nSubject: one\r\n\r\nHello.\r\n",
  "no line end": "From: a@b\r\nSubject: two\r\n\r\nHello.",
  "LF only": "From: a@b\nSubject: three\n\nHello.\n",
  "CR only": "From: a@b\rSubject: four\r\rHello.\r",
  mixed: "From: a@b\r\nSubject: five\n\r\nHello.\n\rthere\r\n",
  "CR before CRLF": "From: a@b\r\nSubject: six\r\n\r\nHello.\r\r\n\r\r\n",
  "From lines":
    "From: a@b\r\n\r\nFrom me\r\n>From you\r\n>>>From all Mon Jan  1 00:00:00 2024\r\n\r\nFrom x Mon Jan  1 00:00:00 2024\r\nA: b\r\n",
  "many quotes": `A: b\r\n\r\n${">".repeat(998)}From x\r\n${">".repeat(999)}From x\r\n${">".repeat(1000)}From x\r\n${
    ">".repeat(1001)
  }From x\r\n`,
  "From line first": "From a@b Mon Jan  1 00:00:00 2024\r\nSubject: seven\r\n\r\n\r\n",
  "empty lines at the end": "A: b\r\n\r\n\r\n\r\n\r\n",
  "no body": "Subject: eight\r\n\r\n",
  "no header": "\r\nHello.\r\n",
  "one byte": "x",
  "one line end": "\r\n",
  "fields of mail programs":
    "Status: RO\r\nX-Status: F\r\nX-Keywords: no\r\nX-Mozilla-Status: 0009\r\nContent-Length: 3\r\nX-Roost: lines=1 id=1.1 size=3 ends=lf\r\n\r\nab\r\n",
  "marks first": "X-Roost: lines=1 id=1.1 size=3 ends=lf\r\n\r\nab\r\n",
  "8 bits and NUL": "A: b\r\n\r\n\xff\x00\xfe\r\n",
  large: `A: b\r\n\r\n${"From the large one\r\n>From it\r\n".repeat(60_000)}`,
  "large without line ends": `A: b\r\n\r\n${"x".repeat(1_500_000)}`,
  "large of LF": `A: b\n\n${"From the large one\n".repeat(80_000)}`,
  "large with CR at each piece's end": `A:b\r\n\r\n${"x".repeat(256 * 1024 - 8)}\r\n${"y".repeat(900_000)}`,
};

const NAMES = [
  "INBOX/Below",
  "Work",
  "Work/2024",
  "Work/2024/a.b",
  "with.dot",
  ".hidden",
  "back\\2eslash",
  "R&D",
  "R&-D",
  "50%2e",
  "Entwürfe & Übungen",
  "日本語/😀",
  "ends.sbd",
  "ends.mbox",
  "x.eml",
  "x.msf",
  "index.jsonl",
  "subscriptions",
  "roost-export.json",
  "cur",
  "new/tmp",
  "~tilde 'quote' \"double\" $(dollar) *",
  "L".repeat(900),
  Array.from({ length: 40 }, (_, at) => `level ${at}`).join("/"),
];

async function fill({ mail }: Place): Promise<void> {
  const add = async (mailbox: string, text: string, date: number, ...flags: string[]) => {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    await mail.append(mailbox as MailboxName, [{
      draft: await draft(mail, bytes),
      flags: flagSet(flags),
      internalDate: date,
    }]);
  };
  for (const [at, body] of Object.values(BODIES).entries()) await add("INBOX", body, 1_700_000_000 - at * 86_400);
  // The order is that of UIDs, not of dates; equal messages are two.
  await add("INBOX", BODIES.usual, 1_700_000_000);
  await add("INBOX", BODIES.usual, 0, "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft");
  await add("INBOX", BODIES.usual, -86_400, "$Forwarded", "$MDNSent", "$Junk", "$NotJunk", "$Phishing", "Own,Keyword");
  const many = Array.from({ length: 40 }, (_, at) => `keyword-${at}`);
  await add("INBOX", BODIES["LF only"], 4_000_000_000, ...many);
  await add("INBOX", BODIES.usual, 5, "\\Seen", "keyword-39", "keyword-1");
  for (const [at, name] of NAMES.entries()) {
    await mail.createMailbox(name as MailboxName);
    await add(name, `Subject: in ${at}\r\n\r\n`, at);
  }
  await useOther(mail);
  await mail.setSubscribed("Work" as MailboxName, false);
  await mail.setSubscribed("Archive" as MailboxName, false);
  await mail.setSubscribed("No such" as MailboxName, true);
}

/** Another mailbox for sent mail, none for drafts, an important one. */
async function useOther(mail: MailStore): Promise<void> {
  const name = (text: string) => text as MailboxName;
  await mail.deleteMailbox(name("Sent"));
  await mail.createMailbox(name("Gesendet"), ["sent"]);
  await mail.createMailbox(name("Sent"));
  await mail.deleteMailbox(name("Drafts"));
  await mail.createMailbox(name("Drafts"));
  await mail.createMailbox(name("Wichtig"), ["important" as SpecialUse]);
}

/** Nobody else may read what is in the folder. */
function ownersAlone(path: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    const mode = (Deno.statSync(`${path}/${name}`).mode ?? 0) & 0o777;
    assert.equal(mode, isDirectory ? 0o700 : 0o600, `${path}/${name}`);
    if (isDirectory) ownersAlone(`${path}/${name}`);
  }
}

for (const format of formats) {
  transferTest(`${format}: what is exported and imported again is the same account`, async (t) => {
    await fill(t);
    const before = await everything(t.mail);
    const count = Object.keys(BODIES).length + 5 + NAMES.length;
    assert.deepEqual(await t.take(format, "out"), { written: count, present: 0, told: [] });
    const other = await t.fresh();
    assert.deepEqual(await t.bring(format, "out", { into: other }), { added: count, present: 0, told: [] });
    assert.deepEqual(await everything(other), before);
    ownersAlone(`${t.folder}/out`);

    // Again, both do nothing.
    assert.deepEqual(await t.bring(format, "out", { into: other }), { added: 0, present: count, told: [] });
    assert.deepEqual(await t.take(format, "out"), { written: 0, present: count, told: [] });
    assert.deepEqual(await everything(other), before);

    // From the copy, into another folder, it is the same again.
    await t.take(format, "again", other);
    const third = await t.fresh();
    await t.bring(format, "again", { into: third });
    assert.deepEqual(await everything(third), before);
  });

  transferTest(`${format}: a second export adds what came since, a second import what is missing`, async (t) => {
    for (const at of [1, 2]) {
      const flags = flagSet(["keyword-1"]);
      await t.mail.append("INBOX" as MailboxName, [{
        draft: await draft(t.mail, BODIES.usual),
        flags,
        internalDate: at,
      }]);
    }
    await t.take(format, "out");
    const other = await t.fresh();
    await t.bring(format, "out", { into: other });
    await t.mail.append("INBOX" as MailboxName, [{
      draft: await draft(t.mail, BODIES.usual),
      flags: flagSet(["keyword-1", "new"]),
      internalDate: 1_700_000_000,
    }]);
    assert.equal((await t.take(format, "out")).written, 1);
    assert.equal((await t.bring(format, "out", { into: other })).added, 1);
    assert.deepEqual(await everything(other), await everything(t.mail));
  });
}
