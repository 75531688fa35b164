/** Who is logged in, what is enabled, what is selected. One per connection. */
import type { Account, MailStore } from "../../store/store.ts";
import type { State } from "./command.ts";
import { DEFAULT_LANGUAGE, type Language } from "./languages.ts";
import type { Notify } from "./notify/notify.ts";
import { MetadataWatch } from "./metadatanotice.ts";
import { OwnChanges } from "./notify/own.ts";
import { type Comparator, DEFAULT_COMPARATOR } from "./search/comparator.ts";
import type { Selected } from "./selected.ts";

/** Words that ENABLE takes (RFC 5161), and CONDSTORE, which other commands enable too (RFC 7162 §3.1). */
export type Enabled =
  | "IMAP4rev2"
  | "UTF8=ACCEPT"
  | "CONDSTORE"
  | "QRESYNC"
  | "UIDONLY"
  | "METADATA"
  | "METADATA-SERVER";

/** Most sessions need no set of their own. */
const NONE: ReadonlySet<never> = new Set();

export class Session {
  account: Account | undefined;
  mail: MailStore | undefined;
  selected: Selected | undefined;
  /** Mail of other accounts that was looked at. */
  others: ReadonlySet<MailStore> = NONE;
  /** The command that runs has looked for what other processes did to the selected mailbox: it need not be done again. */
  looked = false;
  enabled: ReadonlySet<Enabled> = NONE;
  compressed = false;
  /** How SEARCH, SORT and THREAD compare texts (RFC 5255 §4.7). */
  comparator: Comparator = DEFAULT_COMPARATOR;
  /** Of texts for people (RFC 5255 §3). */
  language: Language = DEFAULT_LANGUAGE;
  /** What NOTIFY asked for; undefined: it was never used (RFC 5465 §3.1). */
  notify: Notify | undefined;
  /** Changes that this session made since `notify` looked last, so that it is not told of them (RFC 5465 §5). */
  readonly own = new OwnChanges();

  /** Annotations that others change are told after ENABLE METADATA. */
  get metadata(): MetadataWatch {
    return this.#metadata ??= new MetadataWatch();
  }
  #metadata: MetadataWatch | undefined;

  /** What this session knows of is on the disk then, and may be told (see store.ts); undefined: it is. @throws it may not be */
  safe(): Promise<void> | undefined {
    const own = this.mail?.safe();
    return this.others.size === 0 ? own : this.#allSafe(own);
  }

  async #allSafe(own: Promise<void> | undefined): Promise<void> {
    await own;
    for (const mail of this.others) await mail.safe();
  }

  enable(...words: readonly Enabled[]): void {
    this.enabled = new Set([...this.enabled, ...words]);
  }

  /** Mail of another account is looked at. */
  uses(mail: MailStore): void {
    if (!this.others.has(mail)) this.others = new Set([...this.others, mail]);
  }

  get state(): State {
    if (!this.account) return "notAuthenticated";
    return this.selected ? "selected" : "authenticated";
  }

  /** UTF-8 in responses and mailbox names (RFC 9051 §5.1, RFC 9755 §3). */
  get utf8(): boolean {
    return this.enabled.has("IMAP4rev2") || this.enabled.has("UTF8=ACCEPT");
  }

  get rev2(): boolean {
    return this.enabled.has("IMAP4rev2");
  }

  get condstore(): boolean {
    return this.enabled.has("CONDSTORE");
  }

  get qresync(): boolean {
    return this.enabled.has("QRESYNC");
  }

  /** No message numbers in either direction (RFC 9586). */
  get uidOnly(): boolean {
    return this.enabled.has("UIDONLY");
  }
}
