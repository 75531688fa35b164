/** Real databases, damaged in the ways that disks damage them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FoundMail } from "../../store/sqlite/salvage/mail.ts";
import { Pages } from "../../store/sqlite/salvage/pages.ts";
import { salvage } from "../../store/sqlite/salvage/salvage.ts";
import type { AccountId, MailboxName, Uid } from "../../store/types.ts";
import { Random } from "../model/random.ts";
import { addAccount, assertSound, contents, fill, type Place, placeTest } from "./backup/support.ts";

const PAGE = 4096;

interface Damaged extends Place {
  readonly account: AccountId;
  readonly path: string;
  readonly before: Record<string, string[]>;
  /** Into a new account, which must keep every promise. */
  salvaged(): Promise<{ after: Record<string, string[]>; lost: string[]; messages: number; homeless: number }>;
}

function salvageTest(title: string, body: (damaged: Damaged) => Promise<void>, count = 60): void {
  placeTest(`salvage: ${title}`, async (place) => {
    const store = await place.open();
    const ann = await addAccount(store, "ann@example.org");
    await fill(ann, "INBOX", count);
    await fill(ann, "Work/2026", 20, 1000);
    const inbox = (await ann.mailbox("INBOX" as MailboxName))!;
    await ann.copy(inbox.id, [{ first: 1 as Uid, last: 5 as Uid }], "Archive" as MailboxName);
    await ann.remove(inbox.id, [{ first: 3 as Uid, last: 4 as Uid }]);
    await ann.move(inbox.id, [{ first: 10 as Uid, last: 12 as Uid }], "Work/2026" as MailboxName);
    const before = await contents(ann);
    await store.close();
    const path = join(place.dataDir, "accounts", String(ann.account), "mail.db");
    await body({
      ...place,
      account: ann.account,
      path,
      before,
      async salvaged() {
        const dataDir = join(place.directory, "salvaged");
        const store = await place.open(dataDir);
        const mail = await addAccount(store, "new@example.org");
        const lost: string[] = [];
        const report = { lost: (at: string, what: string) => void lost.push(`${at}: ${what}`), progress: () => {} };
        const done = await salvage(path, { mail, upkeep: store.upkeep(mail.account) }, report);
        const after = await contents(mail);
        await store.close();
        await assertSound(dataDir);
        await Deno.remove(dataDir, { recursive: true });
        return { ...done, after, lost };
      },
    });
  });
}

/** Messages of `before` that are not in `after`, wherever they are. */
function missing(before: Record<string, string[]>, after: Record<string, string[]>): string[] {
  const there = new Map<string, number>();
  const digest = (line: string) => line.split(" ")[0];
  for (const line of Object.values(after).flat()) there.set(digest(line), (there.get(digest(line)) ?? 0) + 1);
  return Object.values(before).flat().map(digest).filter((key) => {
    const left = there.get(key) ?? 0;
    there.set(key, left - 1);
    return left <= 0;
  });
}

function change(path: string, edit: (bytes: Uint8Array) => Uint8Array | void): void {
  const bytes = Deno.readFileSync(path);
  Deno.writeFileSync(path, edit(bytes) ?? bytes);
}

salvageTest("an undamaged account comes out as it is", async ({ before, salvaged }) => {
  const { after, lost, homeless } = await salvaged();
  assert.deepEqual(after, before);
  assert.deepEqual([lost, homeless], [[], 0]);
});

salvageTest(
  "a damaged header, schema and all pages that lead to others: nothing is lost",
  async ({ path, before, salvaged }) => {
    change(path, (bytes) => {
      bytes.fill(0xa5, 0, PAGE);
      for (let at = PAGE; at < bytes.length; at += PAGE) if (bytes[at] === 0x05) bytes.fill(0, at, at + PAGE);
    });
    const { after, lost } = await salvaged();
    assert.deepEqual(after, before);
    assert.deepEqual(lost, []);
  },
);

salvageTest("a lost pointer map", async ({ path, before, salvaged }) => {
  change(path, (bytes) => void bytes.fill(0, PAGE, 2 * PAGE));
  const { after } = await salvaged();
  assert.deepEqual(missing(before, after), []);
});

salvageTest("a file that was cut: what is in front is there", async ({ path, before, salvaged }) => {
  const all = Object.values(before).flat().length;
  let kept = all;
  const whole = Deno.readFileSync(path);
  for (const part of [0.9, 0.6, 0.3]) {
    change(path, () => whole.slice(0, Math.floor(whole.length * part) + 100));
    const { after } = await salvaged();
    const now = all - missing(before, after).length;
    assert.ok(now <= kept);
    kept = now;
  }
  assert.ok(kept > 0);
});

salvageTest("a missing database: content files are kept", async ({ path, salvaged }) => {
  await Deno.remove(path);
  const { after, messages } = await salvaged();
  assert.equal(messages, [...Deno.readDirSync(join(path, "../content"))].length);
  assert.equal(after["Lost+Found"].length, messages);
});

salvageTest("content files whose names are lost are known by their headers", async ({ path, before, salvaged }) => {
  change(path, (bytes) => {
    const name = new TextEncoder().encode([...Deno.readDirSync(join(path, "../content"))][0].name);
    for (let at = 0; at + name.length < bytes.length; at++) {
      if (name.every((byte, n) => bytes[at + n] === byte)) {
        bytes.fill(0, Math.floor(at / PAGE) * PAGE, (Math.floor(at / PAGE) + 1) * PAGE);
      }
    }
  });
  const { after } = await salvaged();
  const large = (lines: string[]) => lines.filter((line) => Number(line.split(" ")[2]) > 100_000);
  assert.deepEqual(large(after.INBOX), large(before.INBOX));
});

salvageTest("each page in turn: only what stood on it is lost", async ({ path, directory }) => {
  const whole = Deno.readFileSync(path);
  const copy = join(directory, "copy.db");
  const look = (bytes: Uint8Array) => {
    Deno.writeFileSync(copy, bytes);
    using pages = new Pages(copy);
    const found = new FoundMail(pages);
    const emails = [...found.emails.keys()].filter((id) => found.header(id) && found.content(id));
    return { emails, rows: found.messages.length };
  };
  const before = look(whole);
  let [lostEmails, lostRows] = [0, 0];
  for (let at = 0; at < whole.length; at += PAGE) {
    const after = look(Uint8Array.from(whole).fill(0, at, at + PAGE));
    const emails = before.emails.length - after.emails.length;
    const rows = before.rows - after.rows;
    const cells = new DataView(whole.buffer).getUint16(at + 3);
    const [inner, leaf] = [whole[at] === 0x05, whole[at] === 0x0d || whole[at] === 0x0a || whole[at] === 0x02];
    assert.ok(emails <= (inner || at <= PAGE ? 0 : leaf ? cells : 1), `page ${at / PAGE}: ${emails} emails`);
    assert.ok(rows <= (leaf && at > PAGE ? cells : 0), `page ${at / PAGE}: ${rows} rows`);
    lostEmails += emails;
    lostRows += rows;
  }
  assert.ok(lostEmails >= before.emails.length, "each email stands somewhere");
  assert.equal(lostRows, before.rows, "each message's row stands on one page");
});

for (const seed of [1, 2, 3, 4, 5, 6]) {
  salvageTest(
    `zeroed pages and flipped bits at random places, seed ${seed}: all in whole pages is there`,
    async ({ path, before, salvaged }) => {
      const random = new Random(seed);
      const whole = Deno.readFileSync(path);
      const spoiled = new Set<number>();
      change(path, (bytes) => {
        for (let n = 0; n < 4; n++) {
          const page = random.below(bytes.length / PAGE);
          spoiled.add(page);
          if (n % 2 === 0) bytes.fill(0, page * PAGE, (page + 1) * PAGE);
          else for (let bit = 0; bit < 20; bit++) bytes[page * PAGE + random.below(PAGE)] ^= 1 << random.below(8);
        }
      });
      const { after } = await salvaged();
      // A message that is not there had its header, its content or its row on a spoiled page.
      const gone = missing(before, after).length;
      let most = 0;
      for (const page of spoiled) {
        const kind = whole[page * PAGE];
        const cells = new DataView(whole.buffer).getUint16(page * PAGE + 3);
        most += [0x02, 0x0a, 0x0d].includes(kind) ? cells : kind === 0x05 ? 0 : 1;
      }
      assert.ok(gone <= most, `${gone} are missing, at most ${most} were on spoiled pages`);
    },
  );
}

salvageTest(
  "messages that are wholly or partly lost are listed, and what is left of them is kept",
  async ({ path, before, salvaged }) => {
    const db = new DatabaseSync(path);
    db.exec(
      "DELETE FROM content WHERE email_id = 20; DELETE FROM header WHERE email_id = 21; DELETE FROM header WHERE email_id = 22; DELETE FROM content WHERE email_id = 22; VACUUM",
    );
    db.close();
    const { after, lost } = await salvaged();
    assert.equal(lost.length, 3);
    assert.deepEqual(lost.toSorted(), [
      "INBOX: UID 20: all but its header is lost",
      "INBOX: UID 21: its header is lost",
      "INBOX: UID 22: lost",
    ]);
    assert.equal(after.INBOX.length, before.INBOX.length - 1);
  },
);

placeTest("salvage: what is in the log alone, also where one of its frames is damaged", async (place) => {
  const store = await place.open();
  const ann = await addAccount(store, "ann@example.org");
  await fill(ann, "INBOX", 20);
  const before = await contents(ann);
  const path = join(place.dataDir, "accounts", String(ann.account), "mail.db");
  const folder = join(place.directory, "copy");
  await Deno.mkdir(folder);
  for (const end of ["", "-wal"]) await Deno.copyFile(path + end, join(folder, `mail.db${end}`));
  await Deno.symlink(join(place.dataDir, "accounts", String(ann.account), "content"), join(folder, "content"));
  assert.ok(Deno.statSync(join(folder, "mail.db-wal")).size > 20 * PAGE);
  const into = async (address: string) => {
    const mail = await addAccount(store, address);
    const report = { lost: () => {}, progress: () => {} };
    await salvage(join(folder, "mail.db"), { mail, upkeep: store.upkeep(mail.account) }, report);
    return await contents(mail);
  };
  assert.deepEqual(await into("a@example.org"), before);
  change(join(folder, "mail.db-wal"), (bytes) => void bytes.fill(0xff, 32 + 24 + 100, 32 + 24 + 200));
  assert.ok(missing(before, await into("b@example.org")).length <= 1);
  await Deno.remove(join(folder, "mail.db-wal"));
  assert.deepEqual(Object.keys(await into("c@example.org")).includes("INBOX"), true);
  await assertSound(place.dataDir);
});
