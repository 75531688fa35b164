/** Who is logged in, what is enabled, what is selected. One per connection. */
import type { Account, MailStore } from "../../store/store.ts";
import type { State } from "./command.ts";
import type { Selected } from "./selected.ts";

/** Words that ENABLE takes (RFC 5161), and CONDSTORE, which other commands enable too (RFC 7162 §3.1). */
export type Enabled = "IMAP4rev2" | "UTF8=ACCEPT" | "CONDSTORE" | "QRESYNC";

export class Session {
  account: Account | undefined;
  mail: MailStore | undefined;
  selected: Selected | undefined;
  readonly enabled = new Set<Enabled>();
  compressed = false;

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
}
