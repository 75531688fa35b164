/**
 * Address lists (RFC 5322 §3.4 with the obsolete forms of §4.4) for ENVELOPE. Broken addresses give what can be understood of
 * them; nothing throws. Linear in the length: each character is consumed once.
 */
import { unfoldComment, unquote } from "./tokens.ts";

/** What is looked at of one field: characters, and addresses. */
const MAX_TEXT = 1024 * 1024;
export const MAX_ADDRESSES = 10_000;
/** Words of one address that are kept. */
const MAX_WORDS = 1000;

/**
 * One member of an ENVELOPE list (RFC 9051 §7.5.2), one character a byte. Without a host it is the start of a group (its name is
 * the mailbox), without a mailbox too the end of one. An address that lacks its domain has the host "".
 */
export interface Address {
  readonly name?: string;
  /** Source route as sent: `@a,@b`. */
  readonly route?: string;
  /** Local part without its quotes. */
  readonly mailbox?: string;
  readonly host?: string;
}

export function parseAddresses(text: string): Address[] {
  return new AddressList(text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text).parse();
}

interface Word {
  readonly text: string;
  /** A blank or comment stood before it. */
  readonly apart: boolean;
  /** An unquoted `@`. */
  readonly at: boolean;
}

class AddressList {
  #at = 0;
  #inGroup = false;
  readonly #found: Address[] = [];
  #words: Word[] = [];
  #comment: string | undefined;

  constructor(readonly text: string) {}

  parse(): Address[] {
    while (this.#at < this.text.length && this.#found.length < MAX_ADDRESSES) this.#item();
    if (this.#inGroup) this.#found.push({});
    return this.#found;
  }

  /** One address or a group's head, with the comma or semicolon behind it. */
  #item(): void {
    this.#words = [];
    this.#comment = undefined;
    const stop = this.#collect(":<,;");
    if (stop === "<") {
      this.#angle(phrase(this.#words));
      this.#words = [];
      // Whatever stands between the address and the next comma belongs to nothing.
      if (this.#collect(",;<") === "<") this.#at--;
    } else if (stop === ":") {
      this.#found.push({ mailbox: phrase(this.#words) });
      this.#inGroup = true;
      return;
    } else if (this.#words.length > 0) {
      this.#found.push(bareAddress(this.#words, this.#comment));
    } else if (this.#comment !== undefined && stop !== ";") {
      this.#found.push({ name: this.#comment, mailbox: "", host: "" });
    }
    if (this.text[this.#at - 1] === ";" && this.#inGroup) {
      this.#inGroup = false;
      this.#found.push({});
    }
  }

  /** `<route:local@domain>`; the opening bracket is consumed. */
  #angle(name: string): void {
    const comment = this.#comment;
    this.#words = [];
    let route: string | undefined;
    while (this.text[this.#at] === "<") this.#at++;
    let stop = this.#collect(">:,");
    // A route is `@a,@b:`, so a comma behind an @ at the start does not end the address.
    if (this.#words.length > 0 && this.#words[0].at) {
      while (stop === ",") {
        this.#word(",", false);
        stop = this.#collect(">:,");
      }
      if (stop === ":") {
        route = joined(this.#words);
        this.#words = [];
        stop = this.#collect(">,");
      }
    }
    if (stop === ",") this.#at--;
    const split = lastAt(this.#words);
    const display = name !== "" ? name : comment ?? this.#comment;
    if (split < 0) {
      this.#found.push({ name: display, route, mailbox: joined(this.#words), host: "" });
    } else {
      const host = joined(this.#words.slice(split + 1));
      this.#found.push({ name: display, route, mailbox: joined(this.#words.slice(0, split)), host });
    }
  }

  /** Gathers words up to an unquoted character of `stops`, which is consumed and returned; "" at the end. */
  #collect(stops: string): string {
    const text = this.text;
    let apart = false;
    let sawAt = false;
    while (this.#at < text.length) {
      const char = text[this.#at];
      // A colon behind an @ is no group's: joe@example.org:25
      if (stops.includes(char) && !(char === ":" && stops === GROUP_STOPS && (sawAt || this.#inGroup))) {
        this.#at++;
        return char;
      }
      switch (char) {
        case " ":
        case "\t":
        case "\r":
        case "\n":
          apart = true;
          this.#at++;
          continue;
        case "(": {
          const { content, end } = unfoldComment(text, this.#at);
          this.#comment = content;
          this.#at = end;
          apart = true;
          continue;
        }
        case '"': {
          const { content, end } = unquote(text, this.#at);
          this.#word(content, apart);
          this.#at = end;
          break;
        }
        case "[": {
          const close = this.#literalEnd();
          this.#word(text.slice(this.#at, close), apart);
          this.#at = close;
          break;
        }
        case "@":
          sawAt = true;
          this.#word("@", apart, true);
          this.#at++;
          break;
        case ">":
          this.#at++;
          continue;
        default: {
          const start = this.#at++;
          while (this.#at < text.length && !SPECIAL.has(text[this.#at])) this.#at++;
          this.#word(text.slice(start, this.#at), apart);
        }
      }
      apart = false;
    }
    return "";
  }

  #word(text: string, apart: boolean, at = false): void {
    if (this.#words.length < MAX_WORDS) this.#words.push({ text, apart, at });
  }

  /** Behind the `]` of a domain literal; behind the `[` alone where none comes before the address must end. */
  #literalEnd(): number {
    const limit = Math.min(this.text.length, this.#at + 300);
    for (let at = this.#at + 1; at < limit; at++) {
      const char = this.text[at];
      if (char === "]") return at + 1;
      if (char === "[" || char === "<" || char === ">" || char === ",") break;
    }
    return this.#at + 1;
  }
}

const GROUP_STOPS = ":<,;";
const SPECIAL = new Set(' \t\r\n()<>@,;:"[');

/** An address without angle brackets: `local@domain (comment)`, or, broken, with a name on either side, or without a domain. */
function bareAddress(words: readonly Word[], comment: string | undefined): Address {
  const split = lastAt(words);
  if (split < 0) {
    if (words.length === 1) return { name: comment, mailbox: words[0].text, host: "" };
    return { name: phrase(words), mailbox: "", host: "" };
  }
  let first = split;
  while (first > 0 && (first === split || touches(words[first - 1], words[first]))) first--;
  let end = split + 1;
  while (end < words.length && (end === split + 1 || touches(words[end - 1], words[end]))) end++;
  const name = phrase([...words.slice(0, first), ...words.slice(end)]);
  return {
    name: name !== "" ? name : comment,
    mailbox: joined(words.slice(first, split)),
    host: joined(words.slice(split + 1, end)),
  };
}

/** Whether two words belong to one local part or domain: nothing between them, or a dot beside the blank (RFC 5322 §4.4). */
function touches(left: Word, right: Word): boolean {
  return !right.apart || left.text.endsWith(".") || right.text.startsWith(".") || left.at || right.at;
}

function lastAt(words: readonly Word[]): number {
  let at = words.length - 1;
  while (at >= 0 && !words[at].at) at--;
  return at;
}

function joined(words: readonly Word[]): string {
  let text = "";
  for (const word of words) text += word.text;
  return text;
}

function phrase(words: readonly Word[]): string {
  let text = "";
  for (const word of words) text += word.apart && text !== "" ? " " + word.text : word.text;
  return text;
}
