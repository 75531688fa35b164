/** The memory indexes of all accounts: bounded in bytes, those without sessions and longest unused go first. */
import type { MailboxId } from "../types.ts";
import type { MemoryIndex } from "./memoryindex.ts";

/** An account's indexes by mailbox. */
export interface IndexOwner {
  readonly indexes: Map<MailboxId, MemoryIndex>;
  /** A session looks at the mailbox: its index must stay. */
  pinned(mailbox: MailboxId): boolean;
}

interface Entry {
  readonly owner: IndexOwner;
  bytes: number;
}

export class IndexCache {
  /** In order of use, the oldest first. */
  readonly #entries = new Map<MemoryIndex, Entry>();
  #bytes = 0;

  constructor(readonly most = 64 * 1024 * 1024) {}

  /** The index was asked for. */
  used(index: MemoryIndex, owner: IndexOwner): void {
    const known = this.#entries.get(index);
    if (known) this.#entries.delete(index);
    const { bytes } = index;
    this.#bytes += bytes - (known?.bytes ?? 0);
    this.#entries.set(index, { owner, bytes });
    if (this.#bytes > this.most) this.#evict(index);
  }

  /** The index is not held any more. */
  dropped(index: MemoryIndex): void {
    const entry = this.#entries.get(index);
    if (!entry) return;
    this.#entries.delete(index);
    this.#bytes -= entry.bytes;
  }

  #evict(used: MemoryIndex): void {
    for (const [index, { owner }] of this.#entries) {
      if (this.#bytes <= this.most) return;
      if (index === used || owner.pinned(index.mailbox)) continue;
      owner.indexes.delete(index.mailbox);
      this.dropped(index);
    }
  }
}
