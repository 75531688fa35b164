/** Valid commands of every kind, at random. Texts of bytes, see bytes.ts; literals are non-synchronising. */
import type { Random } from "../../tests/model/random.ts";
import { utf8 } from "./bytes.ts";

export const ADDRESS = "fuzz@example.org";
const FLAGS = ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "$Forwarded", "$Junk", "work", "Later"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NAMES = [
  "INBOX",
  "inbox",
  "fuzz",
  "Archive",
  "Sent",
  "Trash",
  "a/b",
  "a/b/c",
  "T&AOQ-glich",
  "&U,BTFw-/&ZeVnLIqe-",
];
const USES = ["\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash", "\\All", "\\Flagged"];
const TEXTS = ["", "hello", "a", "report", "ß", "naïve", "日本語", "%", 'q"uo\\te', "Ünïcödé", "\u{1f600}"];
/** Those with the most grammar, or that change the most. */
const OFTEN = ["FETCH", "FETCH", "SEARCH", "SEARCH", "STORE", "COPY", "MOVE", "APPEND", "LIST", "SELECT"];
const HEADERS = ["Subject", "from", "X-None", "Message-ID", "Content-Type", "received"];

export class Grammar {
  /** The state to make for: whether names and texts are sent as UTF-8. */
  utf8 = false;

  constructor(readonly random: Random, readonly address = ADDRESS) {}

  one<T>(...items: readonly T[]): T {
    return this.random.pick(items);
  }

  maybe(text: string, probability = 0.5): string {
    return this.random.chance(probability) ? text : "";
  }

  many(most: number, item: () => string, separator = " "): string {
    return Array.from({ length: 1 + this.random.below(most) }, item).join(separator);
  }

  /** Any case. */
  word(text: string): string {
    return this.random.chance(0.85) ? text : [...text].map((char) => this.one(char.toLowerCase(), char)).join("");
  }

  number(): string {
    const { random } = this;
    if (random.chance(0.8)) return `${1 + random.below(20)}`;
    return this.one("0", "1", "4294967295", "4294967296", "9223372036854775807", "18446744073709551616", "007");
  }

  set(): string {
    if (this.random.chance(0.05)) return "$";
    const number = () =>
      this.random.chance(0.15) ? "*" : this.random.chance(0.9) ? `${1 + this.random.below(20)}` : this.number();
    return this.many(4, () => this.random.chance(0.5) ? number() : `${number()}:${number()}`, ",");
  }

  astring(text: string): string {
    if (this.random.chance(0.5) && /^[A-Za-z0-9@./&,-]+$/.test(text)) return text;
    return this.string(text);
  }

  string(text: string): string {
    // deno-lint-ignore no-control-regex
    const plain = !/[\r\n\0]/.test(text) && (this.utf8 || !/[^\x00-\x7f]/.test(text));
    if (plain && this.random.chance(0.7)) return `"${text.replace(/["\\]/g, "\\$&")}"`;
    return `{${text.length}+}\r\n${text}`;
  }

  text(): string {
    return this.string(utf8(this.random.pick(TEXTS)));
  }

  mailbox(): string {
    if (this.random.chance(0.8)) return this.astring(this.random.pick(NAMES));
    if (this.utf8) return this.string(utf8(this.one("Täglich", "日本語/x", "\u{1f600}")));
    return this.astring(`${this.one("x", "a/b", "New", "deep/er/and/deep/er")}${this.random.below(5)}`);
  }

  flags(): string {
    return `(${this.random.some(FLAGS).join(" ")})`;
  }

  date(): string {
    const date = `${1 + this.random.below(28)}-${this.random.pick(MONTHS)}-${1970 + this.random.below(100)}`;
    return this.random.chance(0.5) ? date : `"${date}"`;
  }

  dateTime(): string {
    const two = (limit: number) => `${this.random.below(limit)}`.padStart(2, "0");
    const day = `${1 + this.random.below(28)}`.padStart(2, " ");
    const time = `${two(24)}:${two(60)}:${two(60)}`;
    return `"${day}-${this.random.pick(MONTHS)}-${1970 + this.random.below(60)} ${time} ${this.one("+", "-")}${
      two(14)
    }00"`;
  }

  path(): string {
    return this.many(3, () => `${1 + this.random.below(3)}`, ".");
  }

  section(): string {
    const fields = () =>
      `HEADER.FIELDS${this.maybe(".NOT")} (${this.many(3, () => this.astring(this.random.pick(HEADERS)))})`;
    return this.one(
      "",
      "HEADER",
      "TEXT",
      fields(),
      this.path(),
      `${this.path()}.MIME`,
      `${this.path()}.${this.one("HEADER", "TEXT", fields())}`,
    );
  }

  partial(): string {
    return this.maybe(`<${this.number()}.${this.one("1", "10", "100000", "4294967295")}>`, 0.3);
  }

  fetchItem(): string {
    const plain = [
      "UID",
      "FLAGS",
      "MODSEQ",
      "INTERNALDATE",
      "SAVEDATE",
      "RFC822.SIZE",
      "ENVELOPE",
      "BODY",
      "BODYSTRUCTURE",
    ];
    const more = ["EMAILID", "THREADID", "PREVIEW", "PREVIEW (LAZY)", "RFC822", "RFC822.HEADER", "RFC822.TEXT"];
    return this.one(
      () => this.random.pick(plain),
      () => this.random.pick(more),
      () => `BODY${this.maybe(".PEEK")}[${this.section()}]${this.partial()}`,
      () => `BINARY${this.maybe(".PEEK")}[${this.maybe(this.path(), 0.8)}]${this.partial()}`,
      () => `BINARY.SIZE[${this.maybe(this.path(), 0.8)}]`,
    )();
  }

  searchKey(depth = 0): string {
    const { random } = this;
    const nested = depth < 4 && random.chance(0.3);
    if (nested) {
      return this.one(
        () => `NOT ${this.searchKey(depth + 1)}`,
        () => `OR ${this.searchKey(depth + 1)} ${this.searchKey(depth + 1)}`,
        () => `(${this.many(3, () => this.searchKey(depth + 1))})`,
      )();
    }
    const flags = ["ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SEEN", "UNANSWERED"];
    return this.one(
      () => this.one(...flags, "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN", "SAVEDATESUPPORTED"),
      () => this.set(),
      () => `UID ${this.set()}`,
      () => `${this.one("BCC", "CC", "FROM", "SUBJECT", "TO", "BODY", "TEXT")} ${this.text()}`,
      () => `HEADER ${this.astring(random.pick(HEADERS))} ${this.text()}`,
      () => `${this.one("", "SENT", "SAVED")}${this.one("BEFORE", "ON", "SINCE")} ${this.date()}`,
      () => `${this.one("", "UN")}KEYWORD ${this.one("work", "$Forwarded", "none")}`,
      () => `${this.one("LARGER", "SMALLER", "YOUNGER", "OLDER")} ${this.number()}`,
      () => `MODSEQ ${this.maybe('"/flags/\\\\seen" all ', 0.3)}${this.number()}`,
      () => `${this.one("EMAILID", "THREADID")} ${this.one("M1", "T1", "E3", "x")}`,
    )();
  }

  statusItems(): string {
    const items = ["MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "DELETED", "DELETED-STORAGE", "SIZE", "RECENT"];
    return `(${this.random.some([...items, "HIGHESTMODSEQ", "MAILBOXID", "APPENDLIMIT"]).join(" ")})`;
  }

  message(): string {
    const body = `From: a@b.example\r\nSubject: ${utf8(this.random.pick(TEXTS))}\r\n\r\nhello ${
      this.random.below(1e6)
    }\r\n`;
    const literal = `${this.maybe("~", 0.1)}{${body.length}+}\r\n${body}`;
    const wrapped = this.utf8 && this.random.chance(0.3) ? `UTF8 (~{${body.length}+}\r\n${body})` : literal;
    const data = this.random.chance(0.3) ? `CATENATE (${this.many(4, () => this.catPart())})` : wrapped;
    return `${this.maybe(`${this.flags()} `)}${this.maybe(`${this.dateTime()} `)}${data}`;
  }

  catPart(): string {
    const part = `Subject: ${this.random.below(1e6)}\r\n\r\n${this.maybe("\0", 0.1)}`;
    if (this.random.chance(0.5)) return `TEXT ${this.maybe("~", 0.3)}{${part.length}+}\r\n${part}`;
    return `URL ${this.astring(this.url())}`;
  }

  url(): string {
    const mailbox = this.one("/INBOX", "/a/b", "INBOX", "/T%C3%A4glich", "/%zz", "imap://h/x", "");
    const validity = this.maybe(`;UIDVALIDITY=${this.number()}`, 0.2);
    const section = this.maybe(`/;SECTION=${this.one("1", "1.2.MIME", "HEADER", "TEXT", "HEADER.FIELDS%20(To)", "x")}`);
    const partial = this.maybe(`/;PARTIAL=${this.number()}${this.maybe(`.${this.number()}`)}`, 0.3);
    return `${mailbox}${validity}${mailbox === "" ? "" : "/"};UID=${this.number()}${section}${partial}`;
  }

  /** A valid command without its tag and CRLF. */
  command(name = this.random.pick(this.random.chance(0.4) ? OFTEN : Object.keys(COMMANDS))): string {
    return COMMANDS[name](this);
  }
}

const uid = (g: Grammar) => g.maybe("UID ");

/** By the names of server/imap/commands/table.ts. */
export const COMMANDS: Readonly<Record<string, (g: Grammar) => string>> = {
  APPEND: (g) => `APPEND ${g.mailbox()} ${g.many(3, () => g.message())}`,
  AUTHENTICATE: (g) =>
    `AUTHENTICATE ${g.one("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "LOGIN")}${
      g.maybe(` ${g.one("=", "AGZ1enoAc2VjcmV0", "biwsbj1mdXp6LHI9YWJj", "!!!!")}`)
    }`,
  CAPABILITY: () => "CAPABILITY",
  CHECK: () => "CHECK",
  CLOSE: () => "CLOSE",
  COMPRESS: (g) => `COMPRESS ${g.one("GZIP", "X")}`, // DEFLATE has a state of its own
  COPY: (g) => `${uid(g)}COPY ${g.set()} ${g.mailbox()}`,
  CREATE: (g) => `CREATE ${g.mailbox()}${g.maybe(` (USE (${g.many(2, () => g.random.pick(USES))}))`, 0.2)}`,
  DELETE: (g) => `DELETE ${g.mailbox()}`,
  ENABLE: (g) => `ENABLE ${g.many(3, () => g.one("CONDSTORE", "X-NONE"))}`, // the rest changes what may be answered
  EXAMINE: (g) => `EXAMINE ${g.mailbox()}${g.maybe(" (CONDSTORE)", 0.2)}`,
  EXPUNGE: (g) => g.one("EXPUNGE", `UID EXPUNGE ${g.set()}`),
  FETCH: (g) => {
    const items = g.one(
      () => g.one("ALL", "FULL", "FAST"),
      () => g.fetchItem(),
      () => `(${g.many(5, () => g.fetchItem())})`,
    )();
    return `${uid(g)}FETCH ${g.set()} ${items}${
      g.maybe(` (CHANGEDSINCE ${g.number()}${g.maybe(" VANISHED", 0.3)})`, 0.2)
    }`;
  },
  GETQUOTA: (g) => `GETQUOTA ${g.astring(g.one("", "x"))}`,
  GETQUOTAROOT: (g) => `GETQUOTAROOT ${g.mailbox()}`,
  ID: (g) => `ID ${g.one("NIL", "()", `("name" ${g.text()} "version" NIL)`)}`,
  IDLE: (g) => `IDLE\r\n${g.one("DONE", "done", "DONE", "no")}`,
  LIST: (g) => {
    const selection = `(${g.random.some(["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"]).join(" ")}) `;
    const pattern = () => g.one("*", "%", '"*"', "a/%", '"*b*"', "INBOX", '""', "%/%", '"a*%*%"');
    const returned = g.one("SUBSCRIBED", "CHILDREN", "SPECIAL-USE", `STATUS ${g.statusItems()}`);
    const patterns = g.one(pattern(), `(${g.many(3, pattern)})`);
    return `LIST ${g.maybe(selection, 0.3)}${g.one('""', "a", '"a/b"')} ${patterns}${
      g.maybe(` RETURN (${returned})`, 0.4)
    }`;
  },
  LOGIN: (g) => `LOGIN ${g.astring(g.address)} ${g.astring(g.one("secret", "wrong"))}`,
  LOGOUT: () => "LOGOUT",
  LSUB: (g) => `LSUB "" ${g.one("*", "%", '"a/*"')}`,
  MOVE: (g) => `${uid(g)}MOVE ${g.set()} ${g.mailbox()}`,
  NAMESPACE: () => "NAMESPACE",
  NOOP: () => "NOOP",
  RENAME: (g) => `RENAME ${g.mailbox()} ${g.mailbox()}`,
  REPLACE: (g) => `${uid(g)}REPLACE ${g.one("1", "2", "*", g.number())} ${g.mailbox()} ${g.message()}`,
  SEARCH: (g) => {
    const returned = `RETURN (${g.random.some(["MIN", "MAX", "COUNT", "ALL", "SAVE"]).join(" ")}) `;
    const charset = `CHARSET ${g.one("UTF-8", "US-ASCII", "ISO-8859-1", "KOI8-R", "X-UNKNOWN", '"utf-8"')} `;
    return `${uid(g)}SEARCH ${g.maybe(returned, 0.4)}${g.maybe(charset, 0.2)}${g.many(3, () => g.searchKey())}`;
  },
  SELECT: (g) =>
    `SELECT ${g.mailbox()}${g.maybe(` (QRESYNC (${g.number()} ${g.number()} ${g.set()} (1:3 1:3)))`, 0.2)}`,
  SETQUOTA: (g) => {
    const limits = g.many(2, () => `${g.one("STORAGE", "MESSAGE", "X")} ${g.number()}`);
    return `SETQUOTA ${g.astring(g.one("", "#user/a", "x"))} (${g.maybe(limits, 0.8)})`;
  },
  STATUS: (g) => `STATUS ${g.mailbox()} ${g.statusItems()}`,
  STORE: (g) => {
    const condition = g.maybe(`(UNCHANGEDSINCE ${g.number()}) `, 0.2);
    return `${uid(g)}STORE ${g.set()} ${condition}${g.one("", "+", "-")}FLAGS${g.maybe(".SILENT", 0.3)} ${g.flags()}`;
  },
  SUBSCRIBE: (g) => `SUBSCRIBE ${g.mailbox()}`,
  UNSUBSCRIBE: (g) => `UNSUBSCRIBE ${g.mailbox()}`,
  UNSELECT: () => "UNSELECT",
  XLIST: (g) => `XLIST "" ${g.one("*", "%", '"a/*"')}`,
};
