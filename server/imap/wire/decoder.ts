/**
 * Reads the arguments of one command (RFC 9051 §9), left to right, once each: tokens (see tokens.ts) and what is made of them.
 * Pure, and linear in the length of the command.
 */
import type { MailboxName } from "../../../store/mod.ts";
import { BadError, NoError } from "../errors.ts";
import { ATOM, LIST } from "./chars.ts";
import { parseDate, parseDateTime } from "./dates.ts";
import { mailboxName, nameText, SEPARATOR } from "./names.ts";
import { parseSequenceSet, type SequenceSet } from "./sequence.ts";
import { asciiText } from "./text.ts";
import { type Literal, Tokens } from "./tokens.ts";

export type { Literal } from "./tokens.ts";

/** Deepest nesting of parentheses and search keys, unless told otherwise. */
export const MAX_NESTING = 50;
/** Longest flag or keyword. */
export const MAX_FLAG_LENGTH = 255;

/** A mailbox name, and how the client wrote it where normalisation made it another one: INBOX in capitals, NFC. */
export interface NameAsSent {
  readonly name: MailboxName;
  readonly sent?: string;
}

const QUOTE = 0x22;

const SYSTEM_FLAGS = new Set(["\\answered", "\\flagged", "\\deleted", "\\seen", "\\draft"]);

export class Decoder extends Tokens {
  private nesting = 0;
  private readonly utf8: boolean;
  private readonly maxNesting: number;

  /**
   * @param line The command's lines joined; each literal's marker (`{n}`, `{n+}`, `~{n}`, `~{n+}`) is in place, without its CRLF.
   * @param literals In their order.
   * @param options utf8: IMAP4rev2 or UTF8=ACCEPT is enabled, so mailbox names are UTF-8. maxNesting: deepest nesting of
   * parentheses and search keys.
   */
  constructor(
    line: Uint8Array,
    literals: readonly Literal[],
    options: { utf8?: boolean; maxNesting?: number } = {},
  ) {
    super(line, literals);
    this.utf8 = options.utf8 ?? false;
    this.maxNesting = options.maxNesting ?? MAX_NESTING;
  }

  /** `sequence-set`, `$` included (RFC 5182 §2.1). */
  sequenceSet(): SequenceSet {
    const { line } = this;
    const { set, end } = parseSequenceSet((at) => (at < line.length ? line[at] : -1), this.position);
    this.position = end;
    return set;
  }

  /** `mailbox`. @throws {BadError} not decodable @throws {NoError} CANNOT: a name that can never be (see names.ts) */
  mailbox(): MailboxName {
    return mailboxName(nameText(this.astring(), this.utf8));
  }

  /** As `mailbox`, and what was sent where that is another text (RFC 9051 §6.3.9.7). */
  mailboxAsSent(): NameAsSent {
    return asSent(nameText(this.astring(), this.utf8));
  }

  /** `mailbox` of CREATE: one separator at its end says that there will be children; it is not part of the name (RFC 9051 §6.3.4). */
  newMailbox(): NameAsSent {
    const name = nameText(this.astring(), this.utf8);
    return asSent(name.endsWith(SEPARATOR) ? name.slice(0, -1) : name);
  }

  /** `list-mailbox`, or the reference name before it: text in NFC, its wildcards in place. May be empty. */
  listMailbox(): string {
    return nameText(this.bare(LIST, "a mailbox pattern"), this.utf8).normalize("NFC");
  }

  /**
   * `flag`: a system flag or a keyword, as sent.
   * @throws {BadError} `\Recent`, `\*` and other names with a backslash that nobody defined (RFC 9051 §2.3.2)
   * @throws {NoError} LIMIT: over 255 characters
   */
  flag(): string {
    const start = this.position;
    const system = this.tryByte("\\");
    const name = system ? `\\${this.run(ATOM, "the name of a flag")}` : this.run(ATOM, "a flag");
    if (system && !SYSTEM_FLAGS.has(name.toLowerCase())) {
      this.position = start;
      throw this.expected("a flag that clients can set");
    }
    if (name.length > MAX_FLAG_LENGTH) throw new NoError("LIMIT", `a flag has at most ${MAX_FLAG_LENGTH} characters`);
    return name;
  }

  /** `use-attr` and other names of a backslash and an atom that are not flags (RFC 6154 §6), as sent. */
  attribute(): string {
    this.byte("\\");
    return `\\${this.run(ATOM, "the name of an attribute")}`;
  }

  /** `flag-list`, which may be empty. */
  flagList(): string[] {
    return this.list(() => this.flag());
  }

  /** `date`, quoted or not: days since 1970-01-01. */
  date(): number {
    const start = this.position;
    const day = parseDate(this.peek() === QUOTE ? this.quotedAscii() : this.run(ATOM, "a date"));
    if (day === undefined) throw this.fault(start, "a date like 1-Feb-1994");
    return day;
  }

  /** `date-time`: seconds since 1970. */
  dateTime(): number {
    const start = this.position;
    const seconds = this.peek() === QUOTE ? parseDateTime(this.quotedAscii()) : undefined;
    if (seconds === undefined) throw this.fault(start, `a date and time like "17-Jul-1996 02:44:25 -0700"`);
    return seconds;
  }

  private quotedAscii(): string {
    const bytes = this.quoted();
    return asciiText(bytes, 0, bytes.length);
  }

  /** `"(" [item *(SP item)] ")"`. Counts as a nesting. */
  list<T>(item: () => T): T[] {
    this.byte("(");
    const items: T[] = [];
    if (this.tryByte(")")) return items;
    return this.nest(() => {
      do items.push(item()); while (this.trySp());
      this.byte(")");
      return items;
    });
  }

  /** Runs `f` one level deeper. @throws {BadError} deeper than allowed */
  nest<T>(f: () => T): T {
    if (this.nesting >= this.maxNesting) {
      throw new BadError(undefined, `more than ${this.maxNesting} levels of nesting`);
    }
    this.nesting++;
    try {
      return f();
    } finally {
      this.nesting--;
    }
  }
}

function asSent(text: string): NameAsSent {
  const name = mailboxName(text);
  return name === text ? { name } : { name, sent: text };
}
