/**
 * Messages that a client sends: what APPEND and REPLACE have in common (RFC 9051 §6.3.12, RFC 4469, RFC 8508 §3.4).
 */
import { type FlagSet, flagSet, maskedFlags, NO_FLAGS } from "../../store/flags.ts";
import type { Draft, MailStore, NewMessage } from "../../store/store.ts";
import { flagsAllowed, type Place } from "./access.ts";
import type { Admitter, Context } from "./command.ts";
import { BadError, NoError } from "./errors.ts";
import type { Extent } from "./fetch/content.ts";
import { demandAppendable } from "./messagelimit.ts";
import { withUrl } from "./messageurl.ts";
import { Decoder } from "./wire/decoder.ts";

/** Copied at a time. */
const PIECE = 64 * 1024;

/** A part of a message: bytes that were sent, or a URL of bytes that are here. */
type Piece = { readonly draft: Draft } | { readonly url: Uint8Array };

export interface Incoming {
  readonly flags: FlagSet;
  /** Seconds since 1970. */
  readonly internalDate: number | undefined;
  /** Put together in this order; just one without CATENATE. */
  readonly pieces: readonly Piece[];
}

/** `append-message` with its `append-data` (RFC 4466 §6, RFC 4469 §5). `pieces` is filled as they are read. */
export function parseIncoming(d: Decoder, pieces: Piece[] = []): Incoming {
  let flags = NO_FLAGS;
  if (d.peek() === 0x28) {
    flags = flagSet(d.flagList());
    d.sp();
  }
  let internalDate: number | undefined;
  if (d.peek() === 0x22) {
    internalDate = d.dateTime();
    d.sp();
  }
  if (d.tryWord("CATENATE")) {
    d.sp();
    if (d.list(() => pieces.push(catPart(d))).length === 0) throw d.expected("TEXT or URL");
  } else pieces.push(parseUtf8(d) ?? content(d));
  return { flags, internalDate, pieces };
}

function catPart(d: Decoder): Piece {
  if (d.tryWord("URL")) {
    d.sp();
    return { url: d.astring() };
  }
  const wrapped = parseUtf8(d);
  if (wrapped) return wrapped;
  if (!d.tryWord("TEXT")) throw d.expected("TEXT or URL");
  d.sp();
  return content(d);
}

/** `UTF8 (~{n})`, where a message has UTF-8 in its headers (RFC 6855 §4). */
function parseUtf8(d: Decoder): Piece | undefined {
  if (!d.tryWord("UTF8")) return undefined;
  d.sp();
  d.byte("(");
  const piece = content(d);
  d.byte(")");
  return piece;
}

function content(d: Decoder): Piece {
  const { draft } = d.literal();
  if (!draft) throw new BadError(undefined, "a message literal was expected");
  return { draft };
}

/** Whether the literal at the end of what has arrived of a command is a URL of CATENATE, and so an argument. */
export function isUrlLiteral(rest: string): boolean {
  return / URL ~?\{\d+\+?\}$|\(URL ~?\{\d+\+?\}$/i.test(rest) && / CATENATE \(/i.test(rest);
}

/** Where messages go, and what they take the place of there. */
export interface Destination {
  readonly place: Place;
  /** Counted off the account's usage. */
  readonly frees?: { readonly bytes: number; readonly messages: number };
}

/**
 * Says no to the message bytes of a command before they are asked for. What is known of the command is kept from one literal to the
 * next, so that many messages cost no more than their number.
 * @param head reads from behind the command's name up to the space before the first message
 * @throws {NoError} TRYCREATE, NOPERM, OVERQUOTA, TOOBIG, BADURL
 */
export function admitter(context: Context, head: (d: Decoder, line: Uint8Array) => Promise<Destination>): Admitter {
  let room: Room | undefined;
  /** Of the command, what is whole: up to where, how many literals and how many bytes of messages. */
  let whole = { position: 0, literals: 0, bytes: 0 };
  return async (line, literals, size) => {
    const { literals: taken, bytes } = whole;
    const d = new Decoder(line, literals.slice(taken), { utf8: context.session.utf8 });
    d.position = whole.position;
    if (!room) {
      d.tag();
      d.sp();
      if (d.word() === "UID") {
        d.sp();
        d.word();
      }
      room = await roomIn(await head(d, line));
    }
    const arrived = readArrived(d);
    whole = { position: arrived.position, literals: taken + arrived.literals, bytes: bytes + arrived.bytes };
    const { pieces } = arrived;
    const limit = context.server.config.limits.messageSize;
    const message = sizeOf(pieces) + size;
    if (message > limit) throw tooBig(limit);
    if (whole.bytes + message > room.bytes || room.messages < 1) {
      throw new NoError("OVERQUOTA", "the account's quota would be exceeded");
    }
    // URLs before an earlier literal were looked at when it came.
    for (const piece of pieces.slice(pieces.findLastIndex((piece) => "draft" in piece) + 1)) {
      if ("url" in piece) await withUrl(context, piece.url, () => Promise.resolve());
    }
  };
}

/** Whole messages, and what has come of the one that a literal is about to go on. */
function readArrived(d: Decoder): { position: number; literals: number; bytes: number; pieces: readonly Piece[] } {
  let whole = { position: d.position, literals: d.literalsTaken, bytes: 0 };
  let pieces: Piece[] = [];
  try {
    for (;;) {
      pieces = [];
      d.sp();
      parseIncoming(d, pieces);
      whole = { position: d.position, literals: d.literalsTaken, bytes: whole.bytes + sizeOf(pieces) };
    }
  } catch (error) {
    // It ends where bytes are still to come; a fault of grammar is told when all is there.
    if (!(error instanceof BadError || error instanceof NoError)) throw error;
  }
  return { ...whole, pieces };
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + ("draft" in piece ? piece.draft.size : 0), 0);
}

function tooBig(limit: number): NoError {
  return new NoError("TOOBIG", `messages may have ${limit} bytes`);
}

/** What the account may get. */
interface Room {
  readonly bytes: number;
  readonly messages: number;
}

async function roomIn({ place, frees = { bytes: 0, messages: 0 } }: Destination): Promise<Room> {
  const { bytes, messages, limitBytes, limitMessages } = await place.mail.usage();
  return {
    bytes: limitBytes > 0 ? limitBytes - bytes + frees.bytes : Infinity,
    messages: limitMessages > 0 ? limitMessages - messages + frees.messages : Infinity,
  };
}

/**
 * Makes messages ready for the store; flags that need a right which is missing are left out (RFC 4314 §4, APPEND). What `use` does not take of the drafts is discarded.
 * @throws {NoError} TOOBIG, BADURL; without a code for an empty message, which cancels the command (RFC 3502 §6.3.11)
 */
export async function withMessages<T>(
  context: Context,
  place: Place,
  messages: readonly Incoming[],
  use: (messages: readonly NewMessage[]) => Promise<T>,
): Promise<T> {
  demandAppendable(context.server, messages.length);
  const ready: NewMessage[] = [];
  try {
    for (const { flags, internalDate, pieces } of messages) {
      const draft = await assemble(context, place.mail, pieces);
      ready.push({ draft, flags: maskedFlags(flags, flagsAllowed(place.rights)), internalDate });
      if (draft.size === 0) throw new NoError(undefined, "an empty message cancels the command");
    }
    return await context.working(use(ready));
  } finally {
    for (const { draft } of ready) await draft.discard();
  }
}

/** All pieces in one draft of the account that the message goes to. */
async function assemble(context: Context, mail: MailStore, pieces: readonly Piece[]): Promise<Draft> {
  const [first] = pieces;
  const own = pieces.length === 1 && "draft" in first && mail.account === context.mail.account;
  if (own) return first.draft;
  const draft = await mail.draft(sizeOf(pieces));
  try {
    for (const piece of pieces) await copyPiece(context, piece, draft);
    return draft;
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

async function copyPiece(context: Context, piece: Piece, to: Draft): Promise<void> {
  if (!("draft" in piece)) return await withUrl(context, piece.url, (extent) => copy(context, extent, to));
  await copy(context, { source: piece.draft.source(), start: 0, end: piece.draft.size }, to);
}

async function copy({ server }: Context, { source, start, end }: Extent, to: Draft): Promise<void> {
  const limit = server.config.limits.messageSize;
  if (to.size + end - start > limit) throw tooBig(limit);
  for (let at = start; at < end;) {
    const bytes = source.read(at, Math.min(end, at + PIECE));
    if (bytes.length === 0) throw new Error("content ends before its size");
    await to.write(bytes);
    at += bytes.length;
  }
}
