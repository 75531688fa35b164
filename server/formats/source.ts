/** What an import reads: a tree of mailboxes with their messages, whatever the format. */
import type { SpecialUse } from "../../store/types.ts";

export interface MailSource {
  /** Parents before what is below them. */
  readonly mailboxes: readonly SourceMailbox[];
  /** Names subscribed to, each as its levels; undefined: the source does not say. */
  readonly subscriptions?: readonly (readonly string[])[];
  /** All there is to do, in the unit of `SourceMessage.work`. */
  readonly total: number;
}

export interface SourceMailbox {
  /** Where it is, for the person who reads of it. */
  readonly place: string;
  /** The name's levels as text, not checked; INBOX is `["INBOX"]` in any case of letters. */
  readonly levels: readonly string[];
  /** undefined: the source does not say. */
  readonly specialUse?: readonly SpecialUse[];
  /** In the order of their UIDs. What cannot be read is told to the report and left out. */
  messages(report: Report): Iterable<SourceMessage>;
}

export interface SourceMessage {
  /** File, and offset within it where it holds many. */
  readonly place: string;
  /** Bytes in the source. */
  readonly size: number;
  readonly work: number;
  /** System flags and keywords by name, not checked. */
  readonly flags: readonly string[];
  /** Seconds since 1970. */
  readonly date: number;
  /** Names of mailboxes that it is in, in place of the one it was found in; each as its levels. */
  readonly mailboxes?: readonly (readonly string[])[];
  /** The bytes as they are to be kept. May throw what reading files throws, and {SourceError}. */
  content(): Iterable<Uint8Array>;
}

/** Hears of what is not imported as it is. */
export interface Report {
  /** Something was left out. */
  skipped(place: string, why: string): void;
  /** Something is imported in another way than it stands there. */
  noted(place: string, what: string): void;
}

/** A part of the source that cannot be used; the message says why. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** Messages up to here are read at once; larger ones in pieces. */
export const READ_AT_ONCE = 1024 * 1024;
