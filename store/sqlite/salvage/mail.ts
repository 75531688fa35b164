/**
 * What of an account's mail is in the pages of its database. Tables are told by the form of their entries, so neither the schema nor
 * the pages that lead to others are needed.
 */
import type { FlagSet } from "../../flags.ts";
import { flagsOf } from "../keywords.ts";
import type { Pages } from "./pages.ts";
import { entriesOf, type Entry, type Value } from "./records.ts";

export interface FoundMailbox {
  readonly name: string;
  readonly specialUse: string;
}

export interface FoundMessage {
  readonly mailbox: number;
  readonly uid: number;
  readonly email: number;
  readonly word: number;
  readonly more: string | null;
  /** Seconds since 1970. */
  readonly internalDate: number;
  readonly size: number;
}

/** The bytes of an email, as far as they were found. Where they stand; they are read when they are asked for. */
interface FoundEmail {
  header?: number;
  content?: number;
}

export class FoundMail {
  readonly mailboxes = new Map<number, FoundMailbox>();
  readonly messages: FoundMessage[] = [];
  readonly emails = new Map<number, FoundEmail>();
  /** Emails that were expunged. */
  readonly expunged = new Set<number>();
  /** Entries of pages that are not well formed. */
  bad = 0;
  readonly #keywords = new Map<number, Map<number, string>>();

  constructor(readonly pages: Pages) {
    const messages = new Map<string, FoundMessage>();
    const removed = new Set<string>();
    for (let number = 1; number <= pages.count; number++) {
      if (pages.isFree(number)) continue;
      for (const entry of entriesOf(pages, number, () => this.bad++)) this.#take(entry, number, messages, removed);
    }
    for (const [key, message] of messages) if (!removed.has(key)) this.messages.push(message);
    this.messages.sort((a, b) => a.mailbox - b.mailbox || a.uid - b.uid);
  }

  #take({ row, values }: Entry, page: number, messages: Map<string, FoundMessage>, removed: Set<string>): void {
    if (isMessage(values)) {
      const [mailbox, uid, email, word, more, , , internalDate, , size] = values;
      messages.set(`${mailbox} ${uid}`, { mailbox, uid, email, word, more, internalDate, size });
    } else if (isExpunged(values)) {
      removed.add(`${values[0]} ${values[1]}`);
      if (typeof values[4] === "number") this.expunged.add(values[4]);
    } else if (isHeader(values)) this.#email(row).header = page;
    else if (isContent(values)) this.#email(row).content = page;
    else if (isMailbox(values) && values[7] === null) {
      this.mailboxes.set(row, { name: String(values[1]), specialUse: String(values[4]) });
    } else if (isKeyword(values)) {
      const [mailbox, number, name] = values;
      const names = this.#keywords.get(mailbox) ?? new Map<number, string>();
      this.#keywords.set(mailbox, names.set(number, name));
    }
  }

  #email(id: number): FoundEmail {
    let email = this.emails.get(id);
    if (!email) this.emails.set(id, email = {});
    return email;
  }

  /** Keywords whose names are lost are left out. */
  flags({ mailbox, word, more }: FoundMessage): FlagSet {
    const names: string[] = [];
    for (const [number, name] of this.#keywords.get(mailbox) ?? []) names[number] = name;
    return flagsOf({ word, more: more !== null && /^\d+(,\d+)*$/.test(more) ? more : null }, names);
  }

  header(id: number): Uint8Array | undefined {
    return this.#entry(this.emails.get(id)?.header, id, isHeader)?.[2];
  }

  content(id: number): { sha256: Uint8Array; file: string | null; bytes: Uint8Array | null } | undefined {
    const values = this.#entry(this.emails.get(id)?.content, id, isContent);
    return values && { sha256: values[1], file: values[2], bytes: values[3] };
  }

  #entry<T extends readonly Value[]>(
    page: number | undefined,
    id: number,
    is: (values: readonly Value[]) => values is T,
  ): T | undefined {
    if (page === undefined) return undefined;
    for (const { row, values } of entriesOf(this.pages, page, () => {})) if (row === id && is(values)) return values;
    return undefined;
  }
}

const isNumber = (value: Value) => typeof value === "number" && value >= 0;
const isText = (value: Value) => typeof value === "string";

type Message = [number, number, number, number, string | null, number, number, number, number, number];

function isMessage(values: readonly Value[]): values is Message {
  return values.length === 10 &&
    values.every((value, at) => at === 4 ? value === null || isText(value) : isNumber(value)) &&
    Number(values[0]) >= 1 && Number(values[1]) >= 1 && Number(values[2]) >= 1 && Number(values[6]) >= 1;
}

function isExpunged(values: readonly Value[]): boolean {
  return values.length === 10 && (values[4] === null || isNumber(values[4])) &&
    (values[6] === null || isText(values[6])) &&
    [0, 1, 2, 3, 5, 7, 8, 9].every((at) => isNumber(values[at]));
}

/** The row's number stands beside the values, where its column has NULL. */
function isHeader(values: readonly Value[]): values is [null, Uint8Array, Uint8Array] {
  return values.length === 3 && values[0] === null && values[1] instanceof Uint8Array &&
    values[2] instanceof Uint8Array;
}

function isContent(values: readonly Value[]): values is [null, Uint8Array, string | null, Uint8Array | null] {
  const [id, digest, file, bytes] = values;
  return values.length === 4 && id === null && digest instanceof Uint8Array && digest.length === 32 &&
    (typeof file === "string" ? bytes === null : file === null && bytes instanceof Uint8Array);
}

function isMailbox(values: readonly Value[]): boolean {
  return values.length === 18 && values[0] === null && isText(values[1]) && isText(values[3]) && isText(values[4]) &&
    [2, 5, 6, 8, 9, 10].every((at) => isNumber(values[at]));
}

function isKeyword(values: readonly Value[]): values is [number, number, string] {
  return values.length === 3 && isNumber(values[0]) && isNumber(values[1]) && typeof values[2] === "string" &&
    /^[\x21-\x7e]+$/.test(values[2]);
}
