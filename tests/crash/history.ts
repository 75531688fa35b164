/** What the server has said of an account's mailboxes, and may never take back: UIDs, UIDVALIDITY, modseqs. */
import { type Answer, Imap } from "./imap.ts";
import { type Place, tokenOf } from "./world.ts";

interface MailboxHistory {
  uidValidity: number;
  /** UIDNEXT was at least this. */
  uidNext: number;
  /** HIGHESTMODSEQ was at least this. */
  highest: number;
  /** Every UID ever given, and the message it was given to. */
  readonly tokens: Map<number, string>;
  /** The last state that a client synchronised to: flags by UID. */
  synced: { highest: number; flags: Map<number, string> } | undefined;
}

export class History {
  readonly #mailboxes = new Map<string, MailboxHistory>();

  constructor(readonly address: string, readonly mailboxes: readonly string[]) {}

  #mailbox(name: string): MailboxHistory {
    let history = this.#mailboxes.get(name);
    if (!history) {
      history = { uidValidity: 0, uidNext: 1, highest: 0, tokens: new Map(), synced: undefined };
      this.#mailboxes.set(name, history);
    }
    return history;
  }

  /** The server said that the message has the UID. */
  given(mailbox: string, uid: number, token: string): void {
    const { tokens } = this.#mailbox(mailbox);
    const before = tokens.get(uid);
    if (before !== undefined && before !== token) {
      throw new Error(`${mailbox}: UID ${uid} was given to ${before} and to ${token}`);
    }
    tokens.set(uid, token);
    this.atLeast(mailbox, { uidNext: uid + 1 });
  }

  /** The server told these numbers, or more. */
  atLeast(mailbox: string, { uidNext = 0, highest = 0 }: { uidNext?: number; highest?: number }): void {
    const history = this.#mailbox(mailbox);
    history.uidNext = Math.max(history.uidNext, uidNext);
    history.highest = Math.max(history.highest, highest);
  }

  /** Takes the modseqs in an answer while the mailbox was selected. */
  hear(mailbox: string, { text, untagged }: Answer): void {
    for (const line of [text, ...untagged.map((response) => response.text)]) {
      for (const [, number] of line.matchAll(/MODSEQ \(?(\d+)/g)) this.atLeast(mailbox, { highest: Number(number) });
    }
  }

  /** Reads all of the account and holds it against what was said. @returns what is there */
  async check(port: number): Promise<Place[]> {
    const imap = await Imap.connect(port);
    try {
      await imap.ok(`LOGIN ${this.address} secret`);
      await imap.ok("ENABLE QRESYNC");
      const places: Place[] = [];
      for (const name of this.mailboxes) places.push(...await this.#check(imap, name));
      return places;
    } finally {
      await imap.close();
    }
  }

  async #check(imap: Imap, name: string): Promise<Place[]> {
    const history = this.#mailbox(name);
    const { synced } = history;
    const resync = synced ? ` (QRESYNC (${history.uidValidity} ${synced.highest}))` : "";
    const [opened, fetched, counted] = await Promise.all([
      imap.ok(`EXAMINE ${name}${resync}`),
      imap.ok("UID FETCH 1:* (FLAGS RFC822.SIZE BODY.PEEK[])"),
      imap.ok(`STATUS ${name} (MESSAGES UNSEEN DELETED SIZE)`),
    ]);
    const { uidNext, highest } = this.#checkNumbers(name, opened);
    const places: Place[] = [];
    let total = 0;
    for (const { text, literals } of fetched.untagged) {
      const match = /^\* \d+ FETCH \(UID (\d+) FLAGS \((.*?)\) RFC822\.SIZE (\d+) BODY\[\] /.exec(text);
      if (!match) continue;
      const [, uid, flags, size] = match;
      const token = tokenOf(literals[0]);
      if (Number(size) !== literals[0].length) throw new Error(`${name}: RFC822.SIZE ${size} of ${token}`);
      if (Number(uid) >= uidNext) throw new Error(`${name}: UID ${uid}, but UIDNEXT ${uidNext}`);
      this.given(name, Number(uid), token);
      places.push({ mailbox: name, uid: Number(uid), token, flags: sorted(flags) });
      total += Number(size);
    }
    const unseen = places.filter(({ flags }) => !flags.includes("\\Seen")).length;
    const deleted = places.filter(({ flags }) => flags.includes("\\Deleted")).length;
    const expected = `* STATUS ${name} (MESSAGES ${places.length} UNSEEN ${unseen} DELETED ${deleted} SIZE ${total})`;
    const status = counted.untagged.find(({ text }) => text.startsWith("* STATUS"))?.text;
    if (status !== expected) throw new Error(`expected ${expected}, found ${status}`);
    const now = new Map(places.map(({ uid, flags }) => [uid ?? 0, flags]));
    if (synced) checkResync(name, opened, synced.flags, now);
    history.synced = { highest, flags: now };
    return places;
  }

  #checkNumbers(name: string, { untagged }: Answer): { uidNext: number; highest: number } {
    const history = this.#mailbox(name);
    const number = (what: string) => Number(untagged.find(({ text }) => text.includes(`[${what} `))?.text.match(/\d+/));
    const [uidValidity, uidNext, highest] = [number("UIDVALIDITY"), number("UIDNEXT"), number("HIGHESTMODSEQ")];
    if (history.uidValidity !== 0 && history.uidValidity !== uidValidity) {
      throw new Error(`${name}: UIDVALIDITY was ${history.uidValidity} and is ${uidValidity}`);
    }
    history.uidValidity = uidValidity;
    if (uidNext < history.uidNext) throw new Error(`${name}: UIDNEXT fell from ${history.uidNext} to ${uidNext}`);
    if (highest < history.highest) {
      throw new Error(`${name}: HIGHESTMODSEQ fell from ${history.highest} to ${highest}`);
    }
    this.atLeast(name, { uidNext, highest });
    return { uidNext, highest };
  }
}

/** What QRESYNC told, applied to what the client had, must give what is there (RFC 7162 §3.2.5). */
function checkResync(
  name: string,
  { untagged }: Answer,
  before: ReadonlyMap<number, string>,
  now: ReadonlyMap<number, string>,
): void {
  const view = new Map(before);
  for (const { text } of untagged) {
    const vanished = /^\* VANISHED \(EARLIER\) (\S+)$/.exec(text)?.[1];
    for (const uid of vanished ? numbers(vanished) : []) view.delete(uid);
    const fetched = /^\* \d+ FETCH \(UID (\d+) FLAGS \((.*?)\)/.exec(text);
    if (fetched) view.set(Number(fetched[1]), sorted(fetched[2]));
  }
  const shown = (flags: ReadonlyMap<number, string>) => JSON.stringify([...flags].sort(([a], [b]) => a - b));
  if (shown(view) !== shown(now)) throw new Error(`${name}: resync gave ${shown(view)}, there is ${shown(now)}`);
}

function sorted(flags: string): string {
  return flags.split(" ").filter((flag) => flag !== "" && flag !== "\\Recent").sort().join(" ");
}

/** The numbers of a set such as `2,5:7`. */
export function numbers(set: string): number[] {
  return set.split(",").flatMap((range) => {
    const [first, last = first] = range.split(":").map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}
