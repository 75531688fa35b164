/** Random texts in many scripts, and searches held against a plain scan. */
import { searchText } from "../../store/mime/message.ts";
import { unpackStructure } from "../../store/mime/structure.ts";
import { foldText } from "../../store/mime/fold.ts";
import type { MailStore } from "../../store/store.ts";
import type { TextQuery } from "../../store/search.ts";
import { DatabaseSync } from "node:sqlite";
import { evaluate } from "../../server/imap/search/evaluate.ts";
import type { Key } from "../../server/imap/search/keys.ts";
import { Selected } from "../../server/imap/selected.ts";
import { foldCase } from "../../store/mime/fold.ts";
import { named } from "./mailsupport.ts";

/** A repeatable stream of numbers below n. */
export function randomNumbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
}

/** Few different ones, so that needles are found: letters, combining marks, ligatures, what changes its length with its case, NUL. */
const CHARACTERS = [
  ..."abcabcabcdeIiSsKk .,-@<>",
  ..."éÉẞßſıİΣσςДджЖ",
  ..."\u0301\u0308\u200d\ufe0f",
  ..."ﬁﬂĳǅŉﷺ",
  ..."漢字仮名한글กำ",
  ..."😀👩🇩🏽𝒳",
  "\0",
];

export function randomText(random: (n: number) => number, length: number): string {
  let text = "";
  while (text.length < length) {
    const run = random(3) === 0 ? 1 : 8;
    const base = random(CHARACTERS.length);
    for (let i = 0; i < run; i++) text += CHARACTERS[(base + random(6)) % CHARACTERS.length];
  }
  return text;
}

/** A message whose fields and text are known. */
export interface Known {
  readonly uid: number;
  readonly subject: string;
  readonly from: string;
  readonly mark: string;
  readonly body: string;
}

/** `text` as a header can have it. */
function encodedWord(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return `=?utf-8?B?${btoa(String.fromCharCode(...bytes))}?=`;
}

/** One line: headers and texts are folded and unfolded at line ends. */
export function rendered({ subject, from, mark, body }: Omit<Known, "uid">): Uint8Array {
  return new TextEncoder().encode(
    `From: ${encodedWord(from)} <a@b.example>\r\nX-Mark: ${encodedWord(mark)}\r\nSubject: ${encodedWord(subject)}\r\n` +
      `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}\r\n`,
  );
}

export async function selectInbox(mail: MailStore): Promise<Selected> {
  const inbox = await named(mail, "INBOX");
  return new Selected(mail, inbox, true, await mail.index(inbox.id));
}

/** UIDs that a search finds. */
export async function found(selected: Selected, key: Key): Promise<number[]> {
  const positions = (await evaluate({ progress: async () => {} }, selected, key, "all")).positions();
  return Array.from(positions, (position) => selected.uidAt(position));
}

export type Where = "from" | "subject" | "x-mark" | "body" | "text";

export function keyOf(where: Where, raw: string): Key {
  const text = foldCase(raw);
  return where === "body" || where === "text" ? { is: where, text, raw } : { is: "header", name: where, text, raw };
}

/** UIDs that have the text, found by reading all of them in full. */
export async function scanned(mail: MailStore, where: Where, raw: string): Promise<number[]> {
  const inbox = await named(mail, "INBOX");
  const needle = foldText(raw);
  const uids: number[] = [];
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const all = [{ first: 1, last: 0xffffffff }] as never;
  const columns = ["uid", "emailId", "structure", "searchHeaders"] as const;
  for await (const rows of mail.read(inbox.id, all, columns, Infinity as never)) {
    for (const [uid, email, structure, headers] of rows) {
      const header = decoder.decode(headers);
      using content = await mail.content(email);
      const body = content ? decoder.decode(searchText(content, unpackStructure(structure))) : "";
      const fields = header.split("\n").filter((line) => line.startsWith(`${where}:`))
        .map((line) => line.slice(where.length + 1));
      const texts = where === "body" ? [body] : where === "text" ? [header, body] : fields;
      if (texts.some((text) => text.includes(needle))) uids.push(uid);
    }
  }
  return uids;
}

/** Of how many messages the index has an answer. */
export async function decided(selected: Selected, query: TextQuery): Promise<number> {
  const uids = Uint32Array.from({ length: selected.count }, (_, position) => selected.uidAt(position));
  const [answer] = await selected.mail.match(selected.mailbox.id, uids, [query]);
  if (!answer) return 0;
  const has = (words: Uint32Array, i: number) => words[i >>> 5] >>> (i & 31) & 1;
  return uids.filter((_, i) => has(answer.sure, i) || !has(answer.maybe, i)).length;
}

/** Runs SQL on a search.db, as a fault of a disk might. */
export function damage(folder: string, sql: string): void {
  const db = new DatabaseSync(`${folder}/search.db`);
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}
