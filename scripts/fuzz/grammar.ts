/** The parts of valid commands, at random. Texts of bytes, see bytes.ts; literals are non-synchronising. */
import type { Random } from "../../tests/model/random.ts";
import { utf8 } from "./bytes.ts";
import { COMMANDS } from "./commands.ts";

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
const TEXTS = ["", "hello", "a", "report", "ß", "naïve", "日本語", "%", 'q"uo\\te', "Ünïcödé", "\u{1f600}"];
/** Entries of annotations, those of filters among them (RFC 5464, 5466). */
const ENTRIES = [
  "/private/comment",
  "/shared/comment",
  "/PRIVATE/Comment",
  "/private/vendor/x/y",
  "/private/filters/values/f1",
  "/private/filters/values/f2",
  "/shared/vendor/cmu/cyrus-imapd/x",
];
/** Those with the most grammar, or that change the most. */
const OFTEN = [
  ...["FETCH", "FETCH", "FETCH", "SEARCH", "SEARCH", "STORE", "STORE", "COPY", "MOVE", "APPEND", "LIST", "SELECT"],
  ...["SORT", "THREAD", "ESEARCH", "NOTIFY", "SETMETADATA", "SETACL"],
];
export const HEADERS = ["Subject", "from", "X-None", "Message-ID", "Content-Type", "received"];

export class Grammar {
  /** The state to make for: whether names and texts are sent as UTF-8. */
  utf8 = false;
  /** Of commands before, whose results may be kept up to date. */
  tags: readonly string[] = [];

  /** @param others addresses of accounts that may share mailboxes with this one; may change meanwhile */
  constructor(readonly random: Random, readonly address = ADDRESS, readonly others: readonly string[] = [ADDRESS]) {}

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
    if (this.random.chance(0.7)) return this.astring(this.random.pick(NAMES));
    if (this.random.chance(0.5)) return this.astring(this.sharedName());
    if (this.utf8) return this.string(utf8(this.one("Täglich", "日本語/x", "\u{1f600}")));
    return this.astring(`${this.one("x", "a/b", "New", "deep/er/and/deep/er")}${this.random.below(5)}`);
  }

  sharedName(): string {
    const inner = this.one("/INBOX", "/INBOX", "/fuzz", "/fuzz", "/a/b", "/new", "/Archive/deep", "", "/");
    return `Shared/${this.other()}${inner}`;
  }

  /** An address, now and then the own. */
  other(): string {
    const others = this.others.filter((address) => address !== this.address);
    return this.random.chance(0.9) && others.length > 0 ? this.random.pick(others) : this.address;
  }

  entry(): string {
    return this.astring(this.random.pick(ENTRIES));
  }

  /** `partial-range` (RFC 9394 §3.1). */
  window(): string {
    const two = () => `${1 + this.random.below(this.one(3, 20, 1e6))}`;
    return this.random.chance(0.6) ? `${two()}:${two()}` : `-${two()}:-${two()}`;
  }

  /** What is searched for; RELEVANCY needs FUZZY (RFC 6203 §4). */
  searchKeys(asked: string): string {
    const fuzzy = asked.includes("RELEVANCY") && this.random.chance(0.9) ? `FUZZY TEXT ${this.text()} ` : "";
    return fuzzy + this.many(3, () => this.searchKey());
  }

  /** What RETURN asks for; with nothing in its parentheses, too. */
  returns(): string {
    const plain = this.maybe(
      this.random.some(["MIN", "MAX", "COUNT", this.one("ALL", "COUNT"), "SAVE"]).join(" "),
      0.8,
    );
    const update = `UPDATE${this.maybe(` (${this.many(3, () => this.fetchItem())})`, 0.3)}`;
    const more = [
      this.maybe(plain.includes("ALL") ? "" : `PARTIAL ${this.window()}`, 0.3),
      this.maybe("CONTEXT", 0.2),
      this.maybe(update, 0.3),
      this.maybe("RELEVANCY", 0.2),
    ];
    return `RETURN (${[plain, ...more].filter((word) => word !== "").join(" ")})`;
  }

  charset(): string {
    return this.one("UTF-8", "UTF-8", "US-ASCII", "ISO-8859-1", "KOI8-R", "X-UNKNOWN", '"utf-8"');
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
        () => `FUZZY ${this.searchKey(depth + 1)}`,
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
      () => `FILTER ${this.one("f1", "f2", "none")}`,
      () => `${this.one("UIDAFTER", "UIDBEFORE")} ${1 + random.below(30)}`,
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
    const shared = `/Shared/${this.other().replace("@", "%40")}/INBOX`;
    const mailbox = this.one(shared, "/INBOX", "/a/b", "INBOX", "/T%C3%A4glich", "/%zz", "imap://h/x", "");
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
