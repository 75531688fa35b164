/** What a session changed itself: NOTIFY does not tell it of that (RFC 5465 §5). */

/** More commits than this between two looks are not remembered; then the client is told of its own. */
const MOST = 1000;

export class OwnChanges {
  readonly #modseqs = new Set<number>();
  readonly #names = new Set<string>();

  /** A commit was this session's; undefined: there was nothing to commit. */
  made(modseq: number | undefined): void {
    if (modseq !== undefined && this.#modseqs.size < MOST) this.#modseqs.add(modseq);
  }

  /** This session made, renamed, removed or (un)subscribed mailboxes of these names, and what is below them. */
  named(...names: readonly string[]): void {
    for (const name of names) if (this.#names.size < MOST) this.#names.add(name);
  }

  /** Every commit of the account above `since`, up to `now`, was this session's: each commit takes the next modseq. */
  covers(since: number, now: number): boolean {
    if (now <= since || now - since > this.#modseqs.size) return false;
    for (let modseq = since + 1; modseq <= now; modseq++) if (!this.#modseqs.has(modseq)) return false;
    return true;
  }

  /** This session made the commit. */
  has(modseq: number): boolean {
    return this.#modseqs.has(modseq);
  }

  /** This session changed the name, one above it or one directly below it. */
  touched(name: string): boolean {
    for (const own of this.#names) {
      if (name === own || name.startsWith(`${own}/`) || own.startsWith(`${name}/`)) return true;
    }
    return false;
  }

  clear(): void {
    this.#modseqs.clear();
    this.#names.clear();
  }
}
