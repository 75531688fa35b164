/**
 * MESSAGELIMIT and SAVELIMIT (RFC 9738): how many messages one command may work on, where the administrator limits that. Commands
 * that need not be atomic work on the highest UIDs and say where they stopped; COPY and APPEND are refused.
 */
import type { ServerContext } from "./context.ts";
import { NoError } from "./errors.ts";
import { windowOf } from "./partial.ts";
import { type Selected, type Span, spanLength } from "./selected.ts";

type Server = Pick<ServerContext, "config">;

/** What a command may work on. */
export interface Limited {
  readonly spans: Span[];
  /** `MESSAGELIMIT 1000 23221`, with the lowest UID worked on; undefined: nothing was left out. */
  readonly code: string | undefined;
}

/** Messages a command may work on; Infinity without a limit. */
export function messageLimit({ config }: Server): number {
  return config.limits.messagesPerCommand || Infinity;
}

/** Messages that one COPY or APPEND may add; Infinity without a limit. */
export function saveLimit(server: Server): number {
  return Math.min(messageLimit(server), server.config.limits.savedPerCommand || Infinity);
}

/** The highest messages of the spans, as many as the limit lets through. */
export function limited(server: Server, selected: Selected, spans: Span[]): Limited {
  return limitedTo(messageLimit(server), selected, spans);
}

function limitedTo(limit: number, selected: Selected, spans: Span[]): Limited {
  const total = spanLength(spans);
  if (total <= limit) return { spans, code: undefined };
  const highest = windowOf(spans, { from: total - limit, to: total });
  return { spans: highest, code: `MESSAGELIMIT ${limit} ${selected.uidAt(highest[0].from)}` };
}

/** @throws {NoError} MESSAGELIMIT: more messages than one COPY may make */
export function demandCopyable(server: Server, selected: Selected, spans: Span[]): void {
  const { code } = limitedTo(saveLimit(server), selected, spans);
  if (code) throw new NoError(code, "too many messages to copy at once, try fewer");
}

/** @throws {NoError} MESSAGELIMIT: more messages than one APPEND may bring */
export function demandAppendable(server: Server, count: number): void {
  const limit = saveLimit(server);
  if (count > limit) throw new NoError(`MESSAGELIMIT ${limit}`, "too many messages in one APPEND");
}

/** @throws {NoError} MESSAGELIMIT: a PARTIAL range that is longer than the limit is not begun (RFC 9738 §3.1) */
export function demandPartial(server: Server, length: number): void {
  const limit = messageLimit(server);
  if (length > limit) throw new NoError(`MESSAGELIMIT ${limit}`, "the range is longer than one command may work on");
}
