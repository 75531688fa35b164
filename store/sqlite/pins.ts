/** Pins: up to where the sessions of this thread have been told. What was expunged above the lowest stays readable. */
import type { Pin } from "../store.ts";
import type { MailboxId, ModSeq } from "../types.ts";
import type { Floors } from "./presence.ts";

export class Pins {
  readonly #byMailbox = new Map<MailboxId, Set<PinnedView>>();

  /** @param moved called when a pin was raised or released */
  constructor(readonly moved: () => void) {}

  get size(): number {
    return this.#byMailbox.size;
  }

  has(mailbox: MailboxId): boolean {
    return this.#byMailbox.has(mailbox);
  }

  add(mailbox: MailboxId, told: ModSeq): Pin {
    let views = this.#byMailbox.get(mailbox);
    if (!views) this.#byMailbox.set(mailbox, views = new Set());
    const view = new PinnedView(this, mailbox, told);
    views.add(view);
    return view;
  }

  remove(view: PinnedView): void {
    const views = this.#byMailbox.get(view.mailbox);
    if (!views?.delete(view)) return;
    if (views.size === 0) this.#byMailbox.delete(view.mailbox);
    this.moved();
  }

  floors(): Floors {
    const lowest: Record<string, number> = {};
    for (const [mailbox, views] of this.#byMailbox) {
      lowest[mailbox] = Math.min(...Array.from(views, ({ modseq }) => modseq));
    }
    return lowest;
  }
}

class PinnedView implements Pin {
  #modseq: ModSeq;

  constructor(readonly pins: Pins, readonly mailbox: MailboxId, told: ModSeq) {
    this.#modseq = told;
  }

  get modseq(): ModSeq {
    return this.#modseq;
  }

  set modseq(told: ModSeq) {
    if (told <= this.#modseq) return;
    this.#modseq = told;
    this.pins.moved();
  }

  release(): void {
    this.pins.remove(this);
  }
}
