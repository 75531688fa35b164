/**
 * What a NOTIFY client is told of mailboxes other than the selected one, and of the fetch attributes of new messages in that one
 * (RFC 5465). Of the selected mailbox's other events `tell` takes care.
 *
 * Nothing queues: the bell says where to look, and what is told is the difference between what was told last and what is there now.
 * There is one subscription to the bell for the account, and one for each account that shares mailboxes with it; a ring leads to a
 * look at the mailboxes that it names, and at the list of mailboxes only where that may have changed.
 */
import type { Bell } from "../../../store/changes.ts";
import type { MailboxStatus, MailStore } from "../../../store/store.ts";
import type { AccountId, MailboxId } from "../../../store/types.ts";
import { allPlaces, type FoundPlace, ifThere } from "../access.ts";
import type { Context } from "../command.ts";
import type { Change, Teller } from "../tell.ts";
import { type Counts, countsOf, NO_MESSAGES, writeCounts, writeStatusNow } from "./counts.ts";
import { type EventGroup, eventsFor, type NotifyEvent, type NotifyRequest, type SelectedEvents } from "./events.ts";
import { writeChangedEntries } from "../metadata.ts";
import { changedNames, type KnownNames, writeNames } from "./names.ts";
import { writeNewMessages } from "./newmessages.ts";
import { Watch } from "./watch.ts";

/** Of which mailbox of which account. */
type Key = string;

const NO_EVENTS: ReadonlySet<NotifyEvent> = new Set();

export class Notify {
  readonly selected: SelectedEvents | undefined;
  readonly #groups: readonly EventGroup[];
  readonly #wake: () => void;
  readonly #watches = new Map<AccountId, Watch>();
  #names: KnownNames = { places: new Map(), subscribed: new Set() };
  /** What the client was last told, or could know, of each mailbox. Only where message events are wanted. */
  #counts = new Map<Key, Counts>();
  #stopped = false;

  /** @param wake called when there may be something to tell */
  constructor({ selected, groups }: NotifyRequest, wake: () => void) {
    this.selected = selected;
    this.#groups = groups;
    this.#wake = wake;
  }

  /** There may be something to tell. */
  get pending(): boolean {
    for (const watch of this.#watches.values()) if (watch.rung) return true;
    return false;
  }

  /** Begins to listen, and notes what there is now. @param status tells it too, and which mailboxes cannot be watched */
  async start(context: Context, status: boolean): Promise<void> {
    if (this.selected || this.#groups.length > 0) this.#watch(context.server.store.bell, context.mail);
    if (this.#groups.length === 0) return;
    await this.#lookAtNames(context);
    for (const watch of this.#watches.values()) await watch.start();
    if (!this.#wantsMessages) return;
    await this.#lookAtAllCounts(context, false);
    for (const [key, place] of this.#names.places) {
      const events = this.#eventsOf(place);
      if (!events.has("MessageNew")) continue;
      if (!place.rights.has("r")) await writeNames(context, new Map([[place.shown, undefined]]), this.#names);
      const counts = this.#counts.get(key);
      if (status && counts && !isSelected(context, place)) writeStatusNow(context, place.shown, counts, events);
      await context.flushed();
    }
  }

  /** Ends the subscriptions. */
  stop(): void {
    this.#stopped = true;
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
  }

  /** Tells what changed outside of the selected mailbox. */
  async look(context: Context): Promise<void> {
    while (this.pending && !this.#stopped) await this.#lookOnce(context);
    context.session.own.clear();
  }

  /** What was told of the selected mailbox: new messages that others brought are shown with the attributes asked for. */
  async changed(context: Teller, change: Change): Promise<void> {
    const { items } = this.selected ?? { items: [] };
    if (items.length > 0 && change.added.length > 0) await writeNewMessages(context, change.added, items);
  }

  async #lookOnce(context: Context): Promise<void> {
    const rings = [...this.#watches.values()].map((watch) => ({ watch, until: watch.heard, ring: watch.take() }));
    const everywhere = rings.some(({ watch, ring }) =>
      ring === "everywhere" || ring?.some((mailbox) => !this.#names.places.has(keyOf(watch.mail, mailbox)))
    );
    if (this.#groups.length > 0) {
      if (everywhere) await this.#tellNames(context);
      if (!everywhere) await this.#lookAtCounts(context, rings);
      else if (this.#wantsMessages) await this.#lookAtAllCounts(context, true);
    }
    for (const { watch, ring, until } of rings) {
      if (ring) await this.#tellMetadata(context, watch);
      watch.looked(until);
    }
  }

  get #wantsMessages(): boolean {
    return this.#groups.some(({ events }) => events.has("MessageNew"));
  }

  #eventsOf({ shown, mail }: FoundPlace): ReadonlySet<NotifyEvent> {
    const own = this.#isOwn(mail);
    return eventsFor(this.#groups, { name: shown, own, subscribed: this.#names.subscribed.has(shown) });
  }

  #isOwn({ account, reader }: MailStore): boolean {
    return account === reader;
  }

  // Names

  async #lookAtNames(context: Context): Promise<KnownNames> {
    const before = this.#names;
    const places = new Map((await allPlaces(context)).map((place) => [keyOf(place.mail, place.mailbox.id), place]));
    this.#names = { places, subscribed: new Set(await context.mail.subscriptions()) };
    const { bell } = context.server.store;
    const owners = new Set([context.mail.account]);
    for (const { mail } of places.values()) {
      if (owners.has(mail.account)) continue;
      owners.add(mail.account);
      this.#watch(bell, mail);
    }
    for (const [account, watch] of this.#watches) {
      if (owners.has(account)) continue;
      watch.stop();
      this.#watches.delete(account);
    }
    return before;
  }

  #watch(bell: Bell, mail: MailStore): void {
    if (this.#stopped || this.#watches.has(mail.account)) return;
    this.#watches.set(mail.account, new Watch(bell, mail, this.#wake));
  }

  async #tellNames(context: Context): Promise<void> {
    const before = await this.#lookAtNames(context);
    for (const watch of this.#watches.values()) await watch.start();
    const now = this.#names;
    const wanted = (name: string, own: boolean, event: NotifyEvent) =>
      eventsFor(this.#groups, { name, own, subscribed: now.subscribed.has(name) || before.subscribed.has(name) })
        .has(event);
    const changed = changedNames(before, now, wanted, (name) => context.session.own.touched(name));
    await writeNames(context, changed, now);
    for (const key of this.#counts.keys()) if (!now.places.has(key)) this.#counts.delete(key);
  }

  // Counts

  /** @param tell otherwise what there is now is only noted */
  async #lookAtAllCounts(context: Context, tell: boolean): Promise<void> {
    const own = await context.mail.statuses();
    for (const [key, place] of this.#names.places) {
      const isOwn = place.mail.account === context.mail.account;
      const status = isOwn ? own.get(place.mailbox.id) : await ifThere(place.mail.status(place.mailbox.id));
      if (!status) continue;
      if (tell) await this.#tellCounts(context, key, place, status);
      else this.#counts.set(key, countsOf(status));
    }
  }

  async #lookAtCounts(
    context: Context,
    rings: readonly { watch: Watch; ring: Rung }[],
  ): Promise<void> {
    for (const { watch, ring } of rings) {
      if (!Array.isArray(ring)) continue;
      for (const mailbox of ring) {
        const key = keyOf(watch.mail, mailbox);
        const place = this.#names.places.get(key);
        if (!place) continue;
        const events = this.#eventsOf(place);
        if (!events.has("MessageNew") && !events.has("MailboxName")) continue;
        const status = await ifThere(place.mail.status(mailbox));
        if (!status) await this.#tellNames(context); // it was deleted
        else if (events.has("MessageNew")) await this.#tellCounts(context, key, place, status);
      }
    }
  }

  async #tellCounts(context: Context, key: Key, place: FoundPlace, status: MailboxStatus): Promise<void> {
    const before = this.#counts.get(key) ?? NO_MESSAGES;
    const now = countsOf(status);
    this.#counts.set(key, now);
    if (before.modseq === now.modseq || isSelected(context, place)) return;
    const isOwnAccount = place.mail.account === context.mail.account;
    const since = this.#watches.get(place.mail.account)?.lookedAt;
    if (isOwnAccount && since !== undefined && context.session.own.covers(since, now.modseq)) return;
    const events = place.rights.has("r") ? this.#eventsOf(place) : NO_EVENTS;
    writeCounts(context, place.shown, before, now, events);
    await context.flushed();
  }

  // Metadata

  async #tellMetadata(context: Context, watch: Watch): Promise<void> {
    const wanted = new Set(this.#groups.flatMap(({ events }) => [...events]));
    if (!wanted.has("MailboxMetadataChange") && !wanted.has("ServerMetadataChange")) return;
    const isOwnAccount = watch.mail.account === context.mail.account;
    const notices = await ifThere(watch.metadata()) ?? [];
    const told = notices.filter(({ modseq }) => !(isOwnAccount && context.session.own.has(modseq)));
    const byMailbox = Map.groupBy(told, ({ mailbox }) => mailbox);
    for (const [mailbox, entries] of byMailbox) {
      const names = entries.map(({ entry }) => entry);
      if (mailbox === null) {
        if (isOwnAccount && wanted.has("ServerMetadataChange")) writeChangedEntries(context, "", names);
        continue;
      }
      const place = this.#names.places.get(keyOf(watch.mail, mailbox));
      if (!place?.rights.has("r") || !this.#eventsOf(place).has("MailboxMetadataChange")) continue;
      writeChangedEntries(context, place.shown, names);
    }
    await context.flushed();
  }
}

/** What a watch heard; undefined: nothing. */
type Rung = ReturnType<Watch["take"]>;

function keyOf({ account }: Pick<MailStore, "account">, mailbox: MailboxId): Key {
  return `${account}/${mailbox}`;
}

function isSelected({ session }: Pick<Context, "session">, { mail, mailbox }: FoundPlace): boolean {
  const { selected } = session;
  return selected?.mailbox.id === mailbox.id && selected.mail.account === mail.account;
}
