/**
 * Content-Type and the like: a value, then `; name=value` (RFC 2045 §5.1), with the continuations of RFC 2231 §3 joined.
 * Broken ones give what can be understood of them; at most MAX_PARAMS parameters are looked at. Linear in the length.
 */
import { unfoldComment, unquote } from "./tokens.ts";

export const MAX_PARAMS = 128;

export interface Param {
  /** As sent; ends in `*` where the value is `charset'language'text` with percent escapes (RFC 2231 §4). */
  readonly name: string;
  /** Unquoted, one character a byte. */
  readonly value: string;
}

export interface Parameterised {
  /** What stands before the first `;`, without comments and blanks. */
  readonly value: string;
  readonly params: readonly Param[];
}

export function parseParameterised(text: string): Parameterised {
  const scanner = new Scanner(text);
  const value = scanner.head();
  const params: Param[] = [];
  while (params.length < MAX_PARAMS) {
    const param = scanner.param();
    if (param === undefined) break;
    if (param.name !== "") params.push(param);
  }
  return { value, params: joinContinuations(params) };
}

/** The value of a parameter, by its name in lower case; not of its RFC 2231 form. */
export function paramValue(params: readonly Param[], name: string): string | undefined {
  for (const param of params) {
    if (param.name.length === name.length && param.name.toLowerCase() === name) return param.value;
  }
  return undefined;
}

class Scanner {
  #at = 0;
  constructor(readonly text: string) {}

  head(): string {
    const text = this.text;
    let value = "";
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === SEMICOLON) break;
      if (code === OPEN) {
        this.#at = unfoldComment(text, this.#at).end;
      } else if (isBlank(code)) {
        this.#skipBlanks();
        // "text/html charset=utf-8": the semicolon was forgotten.
        if (value !== "" && this.#nameAhead()) break;
      } else {
        value += text[this.#at++];
      }
    }
    return value;
  }

  /** The next parameter, with an empty name where there is none between two semicolons; undefined at the end. */
  param(): Param | undefined {
    const text = this.text;
    this.#skipBlanks();
    while (text.charCodeAt(this.#at) === SEMICOLON) {
      this.#at++;
      this.#skipBlanks();
    }
    if (this.#at >= text.length) return undefined;
    const start = this.#at;
    while (this.#at < text.length && isNameChar(text.charCodeAt(this.#at))) this.#at++;
    const name = text.slice(start, this.#at);
    this.#skipBlanks();
    if (text[this.#at] !== "=") {
      const semicolon = text.indexOf(";", this.#at);
      this.#at = semicolon < 0 ? text.length : semicolon;
      return { name: "", value: "" };
    }
    this.#at++;
    this.#skipBlanks();
    return { name, value: text[this.#at] === '"' ? this.#quoted() : this.#bare() };
  }

  #quoted(): string {
    const { content, end } = unquote(this.text, this.#at);
    this.#at = end;
    return content;
  }

  /** An unquoted value, with the blanks it should not have ("name=my file.pdf"), up to a semicolon or the next `name=`. */
  #bare(): string {
    const text = this.text;
    const start = this.#at;
    let end = start;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === SEMICOLON) break;
      if (isBlank(code) || code === OPEN) {
        this.#skipBlanks();
        if (this.#nameAhead()) break;
      } else {
        end = ++this.#at;
      }
    }
    return text.slice(start, end);
  }

  /** Whether `name=` stands here; looks at no more than 100 characters. */
  #nameAhead(): boolean {
    const limit = Math.min(this.text.length, this.#at + 100);
    let at = this.#at;
    while (at < limit && isNameChar(this.text.charCodeAt(at))) at++;
    return at > this.#at && this.text[at] === "=";
  }

  #skipBlanks(): void {
    while (this.#at < this.text.length) {
      const code = this.text.charCodeAt(this.#at);
      if (code === OPEN) this.#at = unfoldComment(this.text, this.#at).end;
      else if (isBlank(code)) this.#at++;
      else return;
    }
  }
}

interface Segment {
  readonly number: number;
  readonly extended: boolean;
  readonly value: string;
}

/** `name*0=`, `name*1*=` … become one parameter, where the first of them stood (RFC 2231 §3, §4.1). */
function joinContinuations(params: readonly Param[]): Param[] {
  let found = false;
  for (const { name } of params) found ||= name.includes("*");
  if (!found) return params as Param[];
  const segments = new Map<string, Segment[]>();
  const order: (Param | string)[] = [];
  for (const param of params) {
    const match = /^([^*]+)\*(\d{1,4})(\*?)$/.exec(param.name);
    if (match === null) {
      order.push(param);
      continue;
    }
    const key = match[1].toLowerCase();
    let list = segments.get(key);
    if (list === undefined) {
      segments.set(key, list = []);
      order.push(match[1]);
    }
    list.push({ number: Number(match[2]), extended: match[3] !== "", value: param.value });
  }
  return order.map((item) => typeof item === "string" ? join(item, segments.get(item.toLowerCase()) ?? []) : item);
}

function join(name: string, segments: Segment[]): Param {
  segments.sort((a, b) => a.number - b.number);
  if (!segments.some((segment) => segment.extended)) {
    return { name, value: segments.map((segment) => segment.value).join("") };
  }
  // Only the first segment may name a charset; without one the value needs the two quotes all the same.
  const head = segments[0].extended && /^[^']*'[^']*'/.test(segments[0].value) ? "" : "''";
  const parts = segments.map(({ extended, value }) => extended ? value : percentEscape(value));
  return { name: name + "*", value: head + parts.join("") };
}

function percentEscape(value: string): string {
  return value.replace(
    /[^A-Za-z0-9!#$&+.^_`{|}~-]/g,
    (char) => "%" + char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"),
  );
}

const SEMICOLON = 0x3b;
const OPEN = 0x28;

function isNameChar(code: number): boolean {
  return code > 0x20 && code !== 0x3b && code !== 0x3d && code !== 0x22 && code !== 0x28 && code !== 0x29 &&
    code !== 0x7f;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
