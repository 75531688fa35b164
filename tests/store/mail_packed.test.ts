import assert from "node:assert/strict";
import type { Mailbox, MailStore, PackedColumn, PackedRows } from "../../store/store.ts";
import type { ModSeq, UidRange, UidRanges } from "../../store/types.ts";
import { append, EVERYTHING, letter, mailTest, rows, uids } from "./mailsupport.ts";

const NUMBERS = ["uid", "flagWord", "modseq", "internalDate", "saveDate", "size", "emailId", "threadId"] as const;
const BYTES = ["envelope", "bodyStructure", "body", "header"] as const;
const ALL: readonly PackedColumn[] = [...NUMBERS, ...BYTES];

/** As rows in arrays. */
function unpacked(packed: PackedRows, columns: readonly PackedColumn[]): unknown[][] {
  return Array.from({ length: packed.count }, (_, row) =>
    columns.map((column) => {
      if ((NUMBERS as readonly string[]).includes(column)) return packed.numbers(column as typeof NUMBERS[number])[row];
      const { bytes, ends } = packed.bytes(column as typeof BYTES[number]);
      return bytes.slice(row === 0 ? 0 : ends[row - 1], ends[row]);
    }));
}

async function agrees(
  mail: MailStore,
  mailbox: Mailbox,
  ranges: UidRanges = EVERYTHING,
  columns = ALL,
  told = Number.MAX_SAFE_INTEGER as ModSeq,
): Promise<number> {
  const found: unknown[][] = [];
  for await (const batch of mail.readPacked(mailbox.id, ranges, columns, told)) found.push(...unpacked(batch, columns));
  const expected = (await rows(mail, mailbox, columns, ranges, told) as unknown[][])
    .map((row) => row.map((value) => value instanceof Uint8Array ? new Uint8Array(value) : value));
  assert.deepEqual(found, expected);
  return found.length;
}

/** UIDs that are not neighbours. */
const odd = (count: number): UidRange[] => uids(...Array.from({ length: count / 2 }, (_, i) => 2 * i + 1));

mailTest("packed rows say what rows say, whatever the columns and ranges", async ({ mail, inbox }) => {
  await append(
    mail,
    "INBOX",
    ...Array.from({ length: 600 }, (_, i) => letter(`m${i}`, `X-Number: ${"x".repeat(i)}\r\n`)),
  );
  assert.equal(await agrees(mail, inbox), 600);
  assert.equal(await agrees(mail, inbox, odd(600)), 300);
  for (const column of ALL) await agrees(mail, inbox, uids(3, 5, 599, 700), [column]);
  assert.equal(await agrees(mail, inbox, uids(700)), 0);
  assert.equal(await agrees(mail, inbox, []), 0);
});

mailTest("many ranges are read in pieces", async ({ mail, inbox }) => {
  await append(mail, "INBOX", ...Array.from({ length: 2600 }, (_, i) => letter(`m${i}`)));
  assert.equal(await agrees(mail, inbox, odd(2600), ["size", "uid"]), 1300);
});

mailTest("bytes of any kind and size come as they are", async ({ mail, inbox }) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i === 10 || i === 13 ? 0x20 : i);
  const strange = new Uint8Array([...new TextEncoder().encode("Subject: "), ...bytes, 13, 10, 13, 10]);
  const large = letter("large", `X-Large: ${"y".repeat(50_000)}\r\n`);
  await append(mail, "INBOX", letter("one"), strange, "", "no header", large, letter("two"), large, strange);
  assert.equal(await agrees(mail, inbox), 8);
});

mailTest("messages expunged after what the session was told are among them", async ({ mail, inbox }) => {
  await append(mail, "INBOX", ...Array.from({ length: 400 }, (_, i) => letter(`m${i}`)));
  const told = await mail.modseq();
  const pin = mail.pin(inbox.id, told);
  const found: number[] = [];
  for await (const batch of mail.readPacked(inbox.id, EVERYTHING, ["uid", "header"], told)) {
    found.push(...batch.numbers("uid"));
    if (found.length < 100) await mail.remove(inbox.id, uids(10, 200, 400));
  }
  assert.deepEqual(found, Array.from({ length: 400 }, (_, i) => i + 1));
  assert.equal(await agrees(mail, inbox, EVERYTHING, ALL, told), 400);
  assert.equal(await agrees(mail, inbox), 397);
  pin.release();
});
