/** What one process tells another: a line a ring, `account modseq mailbox,mailbox…`, or `*` for "look everywhere". */
import type { AccountId, MailboxId, ModSeq } from "../types.ts";
import type { Ring } from "../changes.ts";

/** Longest line that is read, in bytes. */
export const MAX_LINE = 4096;

/** More mailboxes than this are not named: looking everywhere costs no more. */
const MAX_MAILBOXES = 64;

/** One ring that says what both say. */
export function mergeRings(a: Ring, b: Ring): Ring {
  const everywhere = a.mailboxes.length === 0 || b.mailboxes.length === 0;
  const mailboxes = everywhere ? [] : [...new Set([...a.mailboxes, ...b.mailboxes])];
  const modseq = a.modseq === 0 || b.modseq === 0 ? 0 as ModSeq : Math.max(a.modseq, b.modseq) as ModSeq;
  return { account: a.account, mailboxes: mailboxes.length > MAX_MAILBOXES ? [] : mailboxes, modseq };
}

export function ringLine({ account, mailboxes, modseq }: Ring): string {
  return `${account} ${modseq} ${mailboxes.length > MAX_MAILBOXES ? "" : mailboxes.join(",")}\n`;
}

/** undefined for anything that is not a ring. */
export function parseRingLine(line: string): Ring | undefined {
  const match = /^(\d{1,16}) (\d{1,16}) ((?:\d{1,16},)*\d{1,16})?$/.exec(line);
  if (match === null) return undefined;
  const mailboxes = match[3] === undefined ? [] : match[3].split(",").map((id) => Number(id) as MailboxId);
  return { account: Number(match[1]) as AccountId, mailboxes, modseq: Number(match[2]) as ModSeq };
}

/**
 * Rings that wait to be passed on, one an account. Beyond `capacity` accounts they become one "look everywhere", so memory is
 * bounded whatever happens.
 */
export class PendingRings {
  readonly #rings = new Map<AccountId, Ring>();
  #everywhere = false;

  constructor(readonly capacity = 10_000) {}

  get empty(): boolean {
    return !this.#everywhere && this.#rings.size === 0;
  }

  add(ring: Ring): void {
    if (this.#everywhere) return;
    const waiting = this.#rings.get(ring.account);
    this.#rings.set(ring.account, waiting ? mergeRings(waiting, ring) : ring);
    if (this.#rings.size > this.capacity) this.addEverywhere();
  }

  addAll(rings: readonly Ring[] | "everywhere"): void {
    if (rings === "everywhere") this.addEverywhere();
    else for (const ring of rings) this.add(ring);
  }

  addEverywhere(): void {
    this.#rings.clear();
    this.#everywhere = true;
  }

  /** The waiting rings, or "everywhere"; nothing waits after. */
  take(): Ring[] | "everywhere" {
    const taken = this.#everywhere ? "everywhere" : [...this.#rings.values()];
    this.#everywhere = false;
    this.#rings.clear();
    return taken;
  }

  /** As `take`, as lines. */
  takeLines(): Uint8Array {
    const taken = this.take();
    return new TextEncoder().encode(taken === "everywhere" ? "*\n" : taken.map(ringLine).join(""));
  }
}
