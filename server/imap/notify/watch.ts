/** One account's bell as a NOTIFY session hears it: where to look, in bounded memory. */
import type { Bell } from "../../../store/changes.ts";
import type { AnnotationNotice, MailStore } from "../../../store/store.ts";
import type { MailboxId, ModSeq } from "../../../store/types.ts";

/** Beyond this many mailboxes all are looked at: that costs no more. */
const MOST = 100;

export class Watch {
  readonly stop: () => void;
  #everywhere = false;
  readonly #mailboxes = new Set<MailboxId>();
  /** The highest modseq that rang. */
  heard = 0;
  /** All commits up to here were looked at; undefined before the start. */
  lookedAt: number | undefined;
  /** Metadata is told up to here. */
  #metadata: ModSeq | undefined;

  /** @param wake called at each ring */
  constructor(bell: Bell, readonly mail: MailStore, wake: () => void) {
    this.stop = bell.listen(mail.account, ({ mailboxes, modseq }) => {
      if (modseq > this.heard) this.heard = modseq;
      if (mailboxes.length === 0) this.#everywhere = true;
      for (const mailbox of mailboxes) this.#mailboxes.add(mailbox);
      if (this.#mailboxes.size > MOST) this.#everywhere = true;
      if (this.#everywhere) this.#mailboxes.clear();
      wake();
    });
  }

  get rung(): boolean {
    return this.#everywhere || this.#mailboxes.size > 0;
  }

  /** What comes from now on is to be told. */
  async start(): Promise<void> {
    if (this.#metadata === undefined) this.lookedAt = this.#metadata = await this.mail.modseq();
  }

  /** A look found all that rang up to this modseq. */
  looked(until: number): void {
    if (this.lookedAt !== undefined && until > this.lookedAt) this.lookedAt = until;
  }

  /** Where to look since the last time; undefined: nowhere. */
  take(): "everywhere" | readonly MailboxId[] | undefined {
    if (!this.rung) return undefined;
    const taken = this.#everywhere ? "everywhere" : [...this.#mailboxes];
    this.#everywhere = false;
    this.#mailboxes.clear();
    return taken;
  }

  /** Annotations that changed since the last time. */
  async metadata(): Promise<readonly AnnotationNotice[]> {
    const since = this.#metadata ??= await this.mail.modseq();
    const notices = await this.mail.annotationsSince(since);
    for (const { modseq } of notices) if (modseq > this.#metadata) this.#metadata = modseq;
    return notices;
  }
}
