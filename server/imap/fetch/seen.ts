/**
 * \Seen for messages whose text was fetched (RFC 9051 §6.4.5). All is read and sent first; the flags are written at the end, in one
 * short store operation, so that no slow client holds up a writer.
 *
 * Invariant: after `store`, the client has been told the flags that the messages really have.
 */
import { Flag, INLINE_KEYWORDS, type Uid } from "../../../store/mod.ts";
import type { Context } from "../command.ts";
import type { Selected } from "../selected.ts";
import { writeFlagsOf } from "../tell.ts";
import { rangesOf } from "../wire/sequence.ts";

export class SeenLater {
  /** Ascending UIDs and the flag word that the client was told with the message; undefined where it was not. */
  private readonly told = new Map<Uid, number | undefined>();

  constructor(
    private readonly context: Pick<Context, "out" | "session" | "flushed">,
    private readonly selected: Selected,
  ) {}

  add(uid: Uid, toldWord: number | undefined): void {
    this.told.set(uid, toldWord);
  }

  async store(): Promise<void> {
    if (this.told.size === 0) return;
    const { selected } = this;
    const uids = rangesOf([...this.told.keys()]);
    try {
      const change = { mode: "add", flags: { fixed: Flag.Seen, keywords: [] } } as const;
      const { changed, modseq } = await selected.mail.storeFlags(selected.mailbox.id, uids, change);
      selected.index = await selected.mail.index(selected.mailbox.id, modseq === undefined ? "all" : "own");
      for (const uid of changed) {
        if (this.isKnown(uid)) continue;
        this.tell(uid);
        await this.context.flushed();
      }
      if (modseq !== undefined) selected.ownModSeqs.add(modseq);
    } catch (error) {
      // The client believes in flags that were not stored.
      for (const [uid, word] of this.told) if (word !== undefined) this.tell(uid);
      throw error;
    }
  }

  /**
   * The client has the flags as they are now stored: nobody else changed them in between, and it does not follow modseqs. (One that
   * does has to be told the new one, RFC 7162 §3.2.4.)
   */
  private isKnown(uid: Uid): boolean {
    const { index } = this.selected;
    if (this.context.session.condstore || index.keywords.length > INLINE_KEYWORDS) return false;
    return this.told.get(uid) === index.flagWords[index.position(uid)];
  }

  private tell(uid: Uid): void {
    const { index } = this.selected;
    const at = index.position(uid);
    if (at >= 0) writeFlagsOf(this.context, this.selected, index, at);
  }
}
