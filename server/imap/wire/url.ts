/**
 * IMAP URLs that name a message or a part of one, relative to the session (RFC 5092 §7, RFC 4469 §3): mailbox names are UTF-8 with
 * percent-encoding. Pure, and linear in the length of the URL.
 */
import type { MailboxName } from "../../../store/mod.ts";
import { mailboxName, SEPARATOR } from "./names.ts";
import { MAX_UINT32 } from "./numbers.ts";
import { decodeUtf8 } from "./text.ts";

/** What a URL names. */
export interface MessageUrl {
  readonly mailbox: MailboxName;
  readonly uidValidity?: number;
  readonly uid: number;
  /** Decoded, as it stands between the brackets of BODY[…]; undefined: the whole message. */
  readonly section?: string;
  /** Octets; without `count` to the end (RFC 5092 §4 ipartial-range). */
  readonly partial?: { readonly offset: number; readonly count?: number };
}

/** A URL that is none, or names something else than a message. */
export class UrlError extends Error {
  override readonly name = "UrlError";
}

/** `[mailbox[;UIDVALIDITY=n]/];UID=n[/;SECTION=s][/;PARTIAL=n[.n]]`; no part can hold what divides the parts. */
const MESSAGE =
  /^(?:([^;?#]*)(?:;UIDVALIDITY=([0-9]+))?\/)?;UID=([0-9]+)(?:\/;SECTION=([^;?#]*[^;?#/]))?(?:\/;PARTIAL=([0-9]+)(?:\.([0-9]+))?)?$/i;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
/** `bchar` (RFC 5092 §11): percent-encoding looked at apart. */
const BCHARS = /^[A-Za-z0-9\-._~!$'()*+,&=:@/%]*$/;

/**
 * @param base the selected mailbox: what is left out, or relative to a mailbox, is taken from it (RFC 4469 §3)
 * @throws {UrlError} anything but a relative URL of a message or part
 * @throws {NoError} CANNOT: the mailbox's name can never be
 */
export function parseMessageUrl(url: string, base?: MailboxName): MessageUrl {
  if (SCHEME.test(url) || url.startsWith("//")) throw new UrlError("only URLs relative to this session are known");
  const match = MESSAGE.exec(url);
  if (!match) throw new UrlError("this is no URL of a message");
  const [, path, uidValidity, uid, section, offset, count] = match;
  return {
    mailbox: path === undefined ? baseOf(base) : mailboxName(resolvePath(decodePercent(path), base)),
    uidValidity: uidValidity === undefined ? undefined : number(uidValidity, 1),
    uid: number(uid, 1),
    section: section === undefined ? undefined : decodePercent(section),
    partial: offset === undefined ? undefined : {
      offset: number(offset, 0),
      count: count === undefined ? undefined : number(count, 1),
    },
  };
}

function baseOf(base: MailboxName | undefined): MailboxName {
  if (base === undefined) throw new UrlError("no mailbox is named, and none is selected");
  return base;
}

/** Without a slash at its start a name stands beside the base's last level (RFC 3986 §5.2.3). */
function resolvePath(path: string, base: string | undefined): string {
  if (path.startsWith(SEPARATOR)) return path.slice(1);
  return (base ?? "").slice(0, (base ?? "").lastIndexOf(SEPARATOR) + 1) + path;
}

function number(digits: string, least: number): number {
  const value = digits.length > 10 ? Infinity : Number(digits);
  if (value < least || value > MAX_UINT32) throw new UrlError("a number is out of range");
  return value;
}

function decodePercent(text: string): string {
  if (!BCHARS.test(text)) throw new UrlError("a character is not percent-encoded");
  if (!text.includes("%")) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "%") {
      bytes.push(text.charCodeAt(at));
      continue;
    }
    const digits = text.slice(at + 1, at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw new UrlError("% stands without two hexadecimal digits");
    bytes.push(parseInt(digits, 16));
    at += 2;
  }
  const decoded = decodeUtf8(Uint8Array.from(bytes));
  if (decoded === undefined) throw new UrlError("what is percent-encoded is not UTF-8");
  return decoded;
}

/** As it may stand in a response code (RFC 4469 §5 url-resp-text): what cannot is percent-encoded. */
export function urlText(url: Uint8Array): string {
  let text = "";
  for (const byte of url) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x5d;
    text += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
