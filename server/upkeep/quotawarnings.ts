/** Tells owners that their quota is nearly used, by a message in INBOX, once for each of the configured steps. */
import { getLogger } from "@logtape/logtape";
import { NO_FLAGS } from "../../store/flags.ts";
import type { Account, Store, Usage } from "../../store/store.ts";
import { type AccountId, type MailboxName, StoreError } from "../../store/types.ts";
import type { Config } from "../config/schema.ts";

const log = getLogger(["roost", "upkeep"]);

/** From a change of an account to the look at its quota, in ms: many changes, one look. */
const LOOK_MS = 1000;

export const DEFAULT_TEMPLATE = `From: Mail System <postmaster@{hostname}>
To: {address}
Subject: Your mailbox is {percent} % full

Your mailbox {address} now holds {used} of {limit}.

When it is full, new mail is turned away. Messages that you delete free
their room at once; large ones are found best by sorting by size.
`;

export class QuotaWarnings {
  readonly #store: Store;
  readonly #percents: readonly number[];
  readonly #template: string;
  readonly #hostname: string;
  readonly #changed = new Set<AccountId>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Store, { quotaWarnings, hostname }: Pick<Config, "quotaWarnings" | "hostname">) {
    this.#store = store;
    this.#percents = quotaWarnings.percent;
    this.#template = quotaWarnings.text ?? DEFAULT_TEMPLATE;
    this.#hostname = hostname;
  }

  /** Looks at accounts soon after they change. @returns what ends it */
  listen(): () => void {
    if (this.#percents.length === 0) return () => {};
    const stop = this.#store.bell.listenAll(({ account }) => {
      if (account === 0) return; // rings were lost: the hourly round looks everywhere
      this.#changed.add(account);
      this.#timer ??= setTimeout(() => this.#lookAtChanged(), LOOK_MS);
    });
    return () => {
      stop();
      clearTimeout(this.#timer);
    };
  }

  async #lookAtChanged(): Promise<void> {
    const accounts = [...this.#changed];
    this.#changed.clear();
    this.#timer = undefined;
    for (const id of accounts) {
      try {
        await this.look(id);
      } catch (error) {
        if (error instanceof StoreError && error.fault === "nonexistent") continue;
        log.error("a quota warning failed: {error}", { account: id, error });
      }
    }
  }

  /** Warns the owner if that is due. */
  async look(id: AccountId): Promise<void> {
    const percent = this.#percents.length > 0 && await this.#store.upkeep(id).dueWarning(this.#percents);
    if (!percent) return;
    const account = await this.#store.directory.get(id);
    if (!account) return;
    const mail = this.#store.mail(id);
    const text = this.#message(account, percent, await mail.usage());
    const draft = await mail.draft(text.length);
    await draft.write(text);
    await mail.append("INBOX" as MailboxName, [{ draft, flags: NO_FLAGS }], { overQuota: true });
    log.info("quota warning", { account: account.address, percent });
  }

  #message({ address }: Account, percent: number, usage: Usage): Uint8Array {
    const values: Record<string, string> = {
      address,
      hostname: this.#hostname,
      percent: String(percent),
      ...amounts(usage),
    };
    const text = this.#template.replace(/\{([a-z]+)\}/g, (all, name) => values[name] ?? all);
    const date = new Date().toUTCString().replace("GMT", "+0000");
    const head = `Date: ${date}\nMessage-ID: <${crypto.randomUUID()}@${this.#hostname}>\n` +
      "Auto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n" +
      "Content-Transfer-Encoding: 8bit\n";
    return new TextEncoder().encode((head + text).replace(/\r?\n/g, "\r\n"));
  }
}

/** The limit that is nearer, in words. */
function amounts({ bytes, limitBytes, messages, limitMessages }: Usage): { used: string; limit: string } {
  const full = (used: number, limit: number) => limit > 0 ? used / limit : 0;
  return full(messages, limitMessages) > full(bytes, limitBytes)
    ? { used: `${messages} messages`, limit: String(limitMessages) }
    : { used: inMebibytes(bytes), limit: inMebibytes(limitBytes) };
}

function inMebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MiB`;
}
