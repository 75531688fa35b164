/** Where mail is synced from: `imaps://user@host:port`, or `imap://` for STARTTLS. */

export interface SourceAddress {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on. */
  readonly secure: boolean;
  readonly user: string;
  /** The mailbox's owner there, however it is reached: mirrors are known by it. */
  readonly key: string;
}

/** @throws {RangeError} it is none */
export function parseSourceAddress(text: string): SourceAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "imaps:" && url?.protocol !== "imap:") {
    throw new RangeError("the source must be imaps://user@host or imap://user@host");
  }
  if (url.password !== "") throw new RangeError("a password in the address would be seen by others; give it apart");
  if (url.hostname === "" || url.username === "") {
    throw new RangeError("the source needs a user and a host: imaps://user@host");
  }
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "") {
    throw new RangeError("the source names a server and a user, nothing more");
  }
  const secure = url.protocol === "imaps:";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const port = url.port === "" ? (secure ? 993 : 143) : Number(url.port);
  const user = decoded(url.username);
  // `owner*master` logs in as the owner with a master's password (Dovecot); the port may be that of a tunnel.
  const [owner] = user.split("*");
  return { host, port, secure, user, key: `${owner || user}@${host}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError("the user in the source is not percent-encoded as it must be");
  }
}
