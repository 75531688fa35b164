/** What goes wrong between an authority and us. */

const MAX_TEXT = 500;

/** Why an authority did not do what it was asked. The message is one line, for the administrator. */
export class AcmeError extends Error {
  override readonly name = "AcmeError";
  /** The error's type (RFC 8555 §6.7) without "urn:ietf:params:acme:error:"; "" where the authority told none. */
  readonly type: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** How long the authority asks to wait, in ms. */
  readonly retryAfter?: number;

  constructor(message: string, facts: { type?: string; status?: number; retryAfter?: number } = {}) {
    super(oneLine(message));
    this.type = facts.type ?? "";
    this.status = facts.status ?? 0;
    this.retryAfter = facts.retryAfter;
  }
}

/** What authorities say may stand in a log line and on a terminal. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, " ").trim();
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line;
}
