/** What a session changed itself: NOTIFY does not tell it of that (RFC 5465 §5). */

/** More commits than this between two looks are not remembered; then the client is told of its own. */
const MOST = 1000;

export class OwnChanges {
  // Made when there is something: most sessions only read.
  #modseqs: Set<number> | undefined;
  #names: Set<string> | undefined;

  /** A commit was this session's; undefined: there was nothing to commit. */
  made(modseq: number | undefined): void {
    if (modseq === undefined) return;
    this.#modseqs ??= new Set();
    if (this.#modseqs.size < MOST) this.#modseqs.add(modseq);
  }

  /** This session made, renamed, removed or (un)subscribed mailboxes of these names, and what is below them. */
  named(...names: readonly string[]): void {
    this.#names ??= new Set();
    for (const name of names) if (this.#names.size < MOST) this.#names.add(name);
  }

  /** Every commit of the account above `since`, up to `now`, was this session's: each commit takes the next modseq. */
  covers(since: number, now: number): boolean {
    const modseqs = this.#modseqs;
    if (!modseqs || now <= since || now - since > modseqs.size) return false;
    for (let modseq = since + 1; modseq <= now; modseq++) if (!modseqs.has(modseq)) return false;
    return true;
  }

  /** This session made the commit. */
  has(modseq: number): boolean {
    return this.#modseqs?.has(modseq) ?? false;
  }

  /** This session changed the name, one above it or one directly below it. */
  touched(name: string): boolean {
    for (const own of this.#names ?? []) {
      if (name === own || name.startsWith(`${own}/`) || own.startsWith(`${name}/`)) return true;
    }
    return false;
  }

  clear(): void {
    this.#modseqs = this.#names = undefined;
  }
}
