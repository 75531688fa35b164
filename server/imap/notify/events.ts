/** What NOTIFY is asked for: event groups (RFC 5465 §5, §6, §8). */
import type { MailboxName } from "../../../store/types.ts";
import { BadError, NoError } from "../errors.ts";
import { type Item, parseItemList } from "../fetch/items.ts";
import { ancestors } from "../listing.ts";
import type { Decoder } from "../wire/decoder.ts";

/** All events that there are here; AnnotationChange is the one missing. */
export const EVENTS = [
  "MessageNew",
  "MessageExpunge",
  "FlagChange",
  "MailboxName",
  "SubscriptionChange",
  "MailboxMetadataChange",
  "ServerMetadataChange",
] as const;
export type NotifyEvent = typeof EVENTS[number];

const MESSAGE_EVENTS: ReadonlySet<NotifyEvent> = new Set(["MessageNew", "MessageExpunge", "FlagChange"]);

/** Mailboxes of one group. */
export type Where =
  /** `inboxes` is `personal` too: mail can be delivered to every mailbox (RFC 5465 §6.3). */
  | { readonly is: "personal" | "subscribed" }
  | { readonly is: "mailboxes" | "subtree"; readonly names: ReadonlySet<MailboxName> };

export interface EventGroup {
  readonly where: Where;
  readonly events: ReadonlySet<NotifyEvent>;
}

/** What is wanted of the selected mailbox: new and expunged messages always. */
export interface SelectedEvents {
  /** Removals wait for a command (RFC 5465 §6.1.2). */
  readonly delayed: boolean;
  readonly flags: boolean;
  /** What is told of new messages besides EXISTS. */
  readonly items: readonly Item[];
}

export interface NotifyRequest {
  /** STATUS of the mailboxes is told at once. */
  readonly status: boolean;
  /** undefined: no message events of the selected mailbox. */
  readonly selected: SelectedEvents | undefined;
  readonly groups: readonly EventGroup[];
}

const NOTHING: NotifyRequest = { status: false, selected: undefined, groups: [] };

/** What follows `NOTIFY`. @throws {BadError} @throws {NoError} BADEVENT */
export function parseNotify(d: Decoder): NotifyRequest {
  d.sp();
  const form = d.word();
  if (form === "NONE") return NOTHING;
  if (form !== "SET") throw new BadError(undefined, "SET or NONE expected");
  d.sp();
  const status = d.tryWord("STATUS");
  if (status) d.sp();
  const parser = new GroupParser(d);
  do parser.group(); while (d.trySp());
  if (!d.atEnd) throw new BadError(undefined, "an event group was expected");
  if (parser.unknown) throw new NoError(`BADEVENT (${EVENTS.join(" ")})`, "that event is not known here");
  return { status, selected: parser.selected, groups: parser.groups };
}

class GroupParser {
  readonly groups: EventGroup[] = [];
  selected: SelectedEvents | undefined;
  /** An event that is not supported was asked for. */
  unknown = false;
  #selectedGiven = false;

  constructor(private readonly d: Decoder) {}

  group(): void {
    const { d } = this;
    d.byte("(");
    const word = d.word();
    if (word === "SELECTED" || word === "SELECTED-DELAYED") {
      d.sp();
      this.#selectedGroup(word === "SELECTED-DELAYED");
    } else {
      const where = this.#where(word);
      d.sp();
      const { events, items } = this.#events();
      if (items) throw new BadError(undefined, "data items are for SELECTED and SELECTED-DELAYED");
      this.groups.push({ where, events });
    }
    d.byte(")");
  }

  #selectedGroup(delayed: boolean): void {
    if (this.#selectedGiven) throw new BadError(undefined, "SELECTED is given twice");
    this.#selectedGiven = true;
    const { events, items } = this.#events();
    for (const event of events) {
      if (!MESSAGE_EVENTS.has(event)) throw new BadError(undefined, `${event} is not for SELECTED`);
    }
    if (events.size > 0) this.selected = { delayed, flags: events.has("FlagChange"), items: items ?? [] };
  }

  #where(word: string): Where {
    switch (word) {
      case "INBOXES":
      case "PERSONAL":
        return { is: "personal" };
      case "SUBSCRIBED":
        return { is: "subscribed" };
      case "SUBTREE":
      case "MAILBOXES": {
        this.d.sp();
        return { is: word === "SUBTREE" ? "subtree" : "mailboxes", names: this.#names() };
      }
      default:
        throw new BadError(undefined, "unknown mailbox specifier");
    }
  }

  #names(): Set<MailboxName> {
    const { d } = this;
    const names = new Set<MailboxName>();
    const name = () => {
      try {
        names.add(d.mailbox());
      } catch (error) {
        // A name that can never be is one that does not exist: ignored (RFC 5465 §3.1).
        if (!(error instanceof NoError)) throw error;
      }
    };
    if (d.peek() !== 0x28) name();
    else {
      let given = 0;
      d.list(() => {
        given++;
        name();
      });
      if (given === 0) throw new BadError(undefined, "a mailbox is missing");
    }
    return names;
  }

  #events(): { events: ReadonlySet<NotifyEvent>; items: readonly Item[] | undefined } {
    const { d } = this;
    const events = new Set<NotifyEvent>();
    if (d.tryWord("NONE")) return { events, items: undefined };
    let items: readonly Item[] | undefined;
    let missing = true;
    let annotations = false;
    d.list(() => {
      missing = false;
      const word = d.word();
      const event = EVENTS.find((name) => name.toUpperCase() === word);
      if (event) events.add(event);
      else this.unknown = true;
      if (word === "ANNOTATIONCHANGE") annotations = true;
      if (event !== "MessageNew") return;
      const start = d.position;
      if (d.trySp() && d.peek() === 0x28) items = parseItemList(d);
      else d.position = start;
    });
    if (missing) throw new BadError(undefined, "an event is missing");
    const both = events.has("MessageNew") && events.has("MessageExpunge");
    const either = events.has("MessageNew") || events.has("MessageExpunge") || events.has("FlagChange") || annotations;
    if (either && !both) throw new BadError(undefined, "MessageNew and MessageExpunge must be given");
    return { events, items };
  }
}

/** A name as the groups see it. */
export interface Named {
  readonly name: string;
  /** In the account's own namespace. */
  readonly own: boolean;
  readonly subscribed: boolean;
}

/** The events that the groups want for a name: several groups add up (RFC 5465 §6). */
export function eventsFor(groups: readonly EventGroup[], named: Named): ReadonlySet<NotifyEvent> {
  const wanted = new Set<NotifyEvent>();
  for (const { where, events } of groups) if (isIn(where, named)) { for (const event of events) wanted.add(event); }
  return wanted;
}

function isIn(where: Where, { name, own, subscribed }: Named): boolean {
  switch (where.is) {
    case "personal":
      return own;
    case "subscribed":
      return subscribed;
    case "mailboxes":
      return (where.names as ReadonlySet<string>).has(name);
    case "subtree": {
      const names = where.names as ReadonlySet<string>;
      if (names.has(name)) return true;
      for (const above of ancestors(name)) if (names.has(above)) return true;
      return false;
    }
  }
}
