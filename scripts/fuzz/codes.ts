/** Response codes and what may stand behind each. */
import type { Reader } from "./reader.ts";

const NUMBER = /^ \d{1,19}$/;
const SET = "[1-9]\\d*(?::[1-9]\\d*)?(?:,[1-9]\\d*(?::[1-9]\\d*)?)*";

/** RFC 3501 §7.1, 5530, 9051 §7.1, and of extensions; those missing here have nothing behind them. */
const WITH_DATA: Readonly<Record<string, RegExp>> = {
  CAPABILITY: /^(?: [A-Za-z0-9=+-]+)+$/, // RFC 9051 §7.1
  PERMANENTFLAGS: /^ \((?:(?:\\\*|\\?[^ ()\\"{%*]+)(?: (?=[^)])|(?=\))))*\)$/, // RFC 9051 §7.1
  BADCHARSET: /^(?: \([A-Z0-9-]+(?: [A-Z0-9-]+)*\))?$/, // RFC 9051 §7.1
  UIDNEXT: NUMBER,
  UIDVALIDITY: NUMBER,
  UNSEEN: NUMBER,
  HIGHESTMODSEQ: NUMBER, // RFC 7162 §3.1.2.1
  MODIFIED: new RegExp(`^ ${SET}$`), // RFC 7162 §3.1.3
  APPENDUID: new RegExp(`^ [1-9]\\d* ${SET}$`), // RFC 4315 §3
  COPYUID: new RegExp(`^ [1-9]\\d* ${SET} ${SET}$`), // RFC 4315 §3
  MAILBOXID: /^ \([A-Za-z0-9_-]+\)$/, // RFC 8474 §4
  BADURL: /^ [^ ]+$/, // RFC 4469 §5
  METADATA: /^ (?:LONGENTRIES \d+|MAXSIZE \d+|TOOMANY|NOPRIVATE)$/, // RFC 5464 §5
  NOUPDATE: /^ "[^"]+"$/, // RFC 5267 §4.3.1
  BADEVENT: /^ \([A-Za-z]+(?: [A-Za-z]+)*\)$/, // RFC 5465 §8
  "UNDEFINED-FILTER": /^ [^ ]+$/, // RFC 5466 §4
  INPROGRESS: /^ \("[^"]+" (?:\d+|NIL) (?:\d+|NIL)\)$/, // RFC 9585 §5
  MESSAGELIMIT: /^ \d+(?: \d+)?$/, // RFC 9738 §3.1
};

const ALONE: ReadonlySet<string> = new Set([
  ...["ALERT", "PARSE", "READ-ONLY", "READ-WRITE", "TRYCREATE", "CLOSED", "UIDNOTSTICKY", "UNKNOWN-CTE", "NOTSAVED"],
  ...["UNAVAILABLE", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED", "CONTACTADMIN"],
  ...["NOPERM", "INUSE", "EXPUNGEISSUED", "CORRUPTION", "SERVERBUG", "CLIENTBUG", "CANNOT", "LIMIT", "OVERQUOTA"],
  ...["ALREADYEXISTS", "NONEXISTENT", "HASCHILDREN", "TOOBIG", "USEATTR", "COMPRESSIONACTIVE", "NOMODSEQ"],
  ...["BADCOMPARATOR", "NOTIFICATIONOVERFLOW", "UIDREQUIRED", "TOOSMALL"],
]);

/** Reads a response code behind its `[`, and the space behind it. */
export function checkCode(reader: Reader): void {
  const name = reader.match(/[A-Z0-9-]+/y, "a response code");
  // A tag in quotes can hold `]`; a URL can hold a single quote.
  const pattern = name === "BADURL" ? /[^\]\r\n]*/y : /(?:[^\]"\r\n]|"[^"\r\n]*")*/y;
  const data = reader.match(pattern, "the end of a response code");
  reader.take("] ");
  const fits = Object.hasOwn(WITH_DATA, name) ? WITH_DATA[name].test(data) : ALONE.has(name) && data === "";
  if (!fits) reader.fail(`response code ${name} with ${JSON.stringify(data)}`);
}
