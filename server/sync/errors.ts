/** What goes wrong with another server. */

/** The account cannot be synced, or no further; the message is for the administrator. */
export class SyncError extends Error {
  override readonly name = "SyncError";
}

/** The server's answers make no sense; with a new connection they may. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** What the library throws: the server's answer, where it gave one. */
interface ImapFault extends Error {
  readonly responseStatus?: unknown;
  readonly code?: unknown;
  readonly responseText?: unknown;
  readonly authenticationFailed?: unknown;
}

/** The server said NO or BAD to one command, and goes on. */
export function isRefusal(error: unknown): error is ImapFault {
  if (!(error instanceof Error)) return false;
  const { responseStatus, code } = error as ImapFault;
  return responseStatus === "NO" || responseStatus === "BAD" || code === "NotFound";
}

export function isLoginFailure(error: unknown): boolean {
  return error instanceof Error && (error as ImapFault).authenticationFailed === true;
}

/** One line. */
export function faultText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { responseText, message } = error as ImapFault;
  return (typeof responseText === "string" && responseText !== "" ? responseText : message).split("\n")[0];
}
