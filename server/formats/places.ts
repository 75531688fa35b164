/**
 * Where the mailboxes of a source go: names, special uses and subscriptions, decided and made before the first message comes.
 *
 * A source that an export wrote is taken at its word. Of others the usual names ("Sent Items") lead to the account's own mailbox of
 * that use, unless the source has one of that name, too. Nothing that has messages is renamed or removed.
 */
import type { Mailbox, MailStore } from "../../store/store.ts";
import { type MailboxName, type SpecialUse, StoreError } from "../../store/types.ts";
import { importedName, usualSpecialUse } from "./names.ts";
import type { MailSource, Report, SourceMailbox } from "./source.ts";

export class Places {
  readonly #mailboxes = new Map<MailboxName, Mailbox>();
  readonly #names = new Map<string, MailboxName>();
  /** Names that the source has itself. */
  readonly #own: ReadonlySet<MailboxName>;

  private constructor(
    readonly mail: MailStore,
    readonly source: MailSource,
    readonly below: MailboxName | undefined,
    readonly report: Report,
  ) {
    this.#own = new Set(source.mailboxes.map(({ levels }) => this.#under(importedName(levels).name)));
  }

  /** @param below where the source's INBOX goes, and all its other mailboxes below. @throws {StoreError} */
  static async make(
    mail: MailStore,
    source: MailSource,
    below: MailboxName | undefined,
    report: Report,
  ): Promise<Places> {
    const places = new Places(mail, source, below, report);
    await places.#load();
    await places.#freeUses();
    const fresh = new Set<MailboxName>();
    for (const mailbox of source.mailboxes) {
      const { name, isNew } = await places.#place(mailbox);
      if (isNew || (await mail.status(places.#mailbox(name).id)).messages === 0) fresh.add(name);
    }
    await places.#subscribe(fresh);
    return places;
  }

  async #load(): Promise<void> {
    this.#mailboxes.clear();
    for (const mailbox of await this.mail.mailboxes()) this.#mailboxes.set(mailbox.name, mailbox);
  }

  #mailbox(name: MailboxName): Mailbox {
    const mailbox = this.#mailboxes.get(name);
    if (!mailbox) {
      throw new StoreError("nonexistent", `the mailbox ${name} was removed while mail was imported into it`);
    }
    return mailbox;
  }

  #under(name: MailboxName): MailboxName {
    if (this.below === undefined) return name;
    return name === "INBOX" ? this.below : importedName([...this.below.split("/"), ...name.split("/")]).name;
  }

  /** The mailbox for a name of the source; made where it is missing. */
  async mailbox(levels: readonly string[], place: string): Promise<Mailbox> {
    const key = JSON.stringify(levels);
    const known = this.#names.get(key);
    if (known !== undefined) return this.#mailbox(known);
    return this.#mailbox((await this.#place({ levels, place })).name);
  }

  async #place(
    { levels, place, specialUse }: Pick<SourceMailbox, "levels" | "place" | "specialUse">,
  ): Promise<{ name: MailboxName; isNew: boolean }> {
    const { name: plain, changed } = importedName(levels);
    const name = this.#byUse(levels, specialUse) ?? this.#under(plain);
    if (changed) this.report.noted(place, `its name cannot be one here; it is imported as ${name}`);
    this.#names.set(JSON.stringify(levels), name);
    if (this.#mailboxes.has(name)) {
      this.#tellUses(place, name, specialUse);
      return { name, isNew: false };
    }
    const uses = this.below === undefined ? specialUse ?? [] : [];
    const free = uses.filter((use) => this.#holder(use) === undefined);
    await this.mail.createMailbox(name, free);
    await this.#load();
    this.#tellUses(place, name, specialUse);
    return { name, isNew: true };
  }

  /** The account's mailbox of the use that a usual name stands for. */
  #byUse(levels: readonly string[], specialUse: readonly SpecialUse[] | undefined): MailboxName | undefined {
    if (specialUse !== undefined || this.below !== undefined) return undefined;
    const use = usualSpecialUse(levels);
    const holder = use && this.#holder(use);
    const plain = importedName(levels).name;
    if (!holder || this.#mailboxes.has(plain) || this.#own.has(holder.name)) return undefined;
    return holder.name;
  }

  #holder(use: SpecialUse): Mailbox | undefined {
    return [...this.#mailboxes.values()].find((mailbox) => mailbox.specialUse.includes(use));
  }

  #tellUses(place: string, name: MailboxName, uses: readonly SpecialUse[] = []): void {
    if (this.below !== undefined) return;
    const missing = uses.filter((use) => !this.#mailbox(name).specialUse.includes(use));
    for (const use of missing) this.report.noted(place, `another mailbox is used for ${use} already; ${name} is not`);
  }

  /** An empty mailbox, as a new account has them, makes room for the one that the source says has its use. */
  async #freeUses(): Promise<void> {
    if (this.below !== undefined) return;
    const wanted = new Map<MailboxName, readonly SpecialUse[]>();
    for (const { levels, specialUse } of this.source.mailboxes) {
      if (specialUse !== undefined) wanted.set(importedName(levels).name, specialUse);
    }
    const taken = new Set([...wanted.values()].flat());
    for (const mailbox of [...this.#mailboxes.values()]) {
      const { name, specialUse, id } = mailbox;
      const own = wanted.get(name);
      const inTheWay = own
        ? own.length !== specialUse.length || own.some((use) => !specialUse.includes(use))
        : specialUse.some((use) => taken.has(use));
      if (!inTheWay || name === "INBOX" || this.#hasBelow(name)) continue;
      if ((await this.mail.status(id)).messages > 0) continue;
      await this.mail.deleteMailbox(name);
      if (!own) await this.mail.setSubscribed(name, false);
    }
    await this.#load();
  }

  #hasBelow(name: MailboxName): boolean {
    return [...this.#mailboxes.keys()].some((other) => other.startsWith(`${name}/`));
  }

  /** @param fresh mailboxes without messages: what they are subscribed to is not yet somebody's choice */
  async #subscribe(fresh: ReadonlySet<MailboxName>): Promise<void> {
    const { subscriptions } = this.source;
    if (!subscriptions) return;
    const wanted = new Set(subscriptions.map((levels) => {
      return this.#names.get(JSON.stringify(levels)) ?? this.#under(importedName(levels).name);
    }));
    const now = new Set(await this.mail.subscriptions());
    for (const name of wanted) if (!now.has(name)) await this.mail.setSubscribed(name, true);
    for (const name of fresh) if (!wanted.has(name) && now.has(name)) await this.mail.setSubscribed(name, false);
  }
}
