/**
 * Bytes to the tree of parts, in one pass over the lines, whatever the nesting (RFC 2046 §5.1).
 *
 * Beyond MAX_DEPTH levels, MAX_PARTS parts or MAX_HEADER bytes of headers the rest is opaque body. A multipart in which no part is
 * found has one: its whole body as plain text, since IMAP has no way to say "none" (RFC 9051 §9, body-type-mpart).
 */
import { Boundaries, type Delimiter } from "./boundaries.ts";
import { envelope } from "./envelope.ts";
import { boundaryOf, charsetOf, type DefaultType, type MimeFields, mimeFields } from "./fields.ts";
import { Header } from "./header.ts";
import { Lines } from "./lines.ts";
import type { ByteSource } from "./source.ts";
import type { Part } from "./structure.ts";

export const MAX_DEPTH = 100;
export const MAX_PARTS = 10_000;
export const MAX_HEADER = 10 * 1024 * 1024;

/** A part with what its header says. */
export interface Node {
  readonly part: Part;
  readonly fields: MimeFields;
  readonly children: readonly Node[];
  readonly message?: Node;
  /** Of the root and of enclosed messages: ENVELOPE as wire text. */
  readonly envelope?: string;
}

export interface Parsed {
  readonly root: Node;
  readonly header: Header;
}

export function parseStructure(source: ByteSource): Parsed {
  return new Parser(source).message();
}

/** Bytes of the header of a message, with the empty line that ends it. */
export function headerSize(source: ByteSource): number {
  return new Parser(source).header();
}

const NO_HEADER = new Header(new Uint8Array(0));

class Parser {
  readonly #source: ByteSource;
  readonly #lines: Lines;
  readonly #boundaries = new Boundaries();
  #rootHeader = NO_HEADER;
  #parts = 0;
  #headerBytes = 0;
  /** The boundary line that the current part ended at, until the multipart that it belongs to takes it. */
  #hit: Delimiter | undefined;
  /** Where the content before that line ends. */
  #hitEnd = 0;
  /** Behind the last header: the empty line that ends it is not also the line end before a boundary. */
  #headerEnd = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#lines = new Lines(source);
  }

  message(): Parsed {
    const root = this.#part("text/plain", 0, true);
    return { root, header: this.#rootHeader };
  }

  /** Where the message's own header ends. */
  header(): number {
    return this.#header(this.#lines.next);
  }

  /** The part whose header begins at the next line; with ENVELOPE where it is a message. */
  #part(fallback: DefaultType, depth: number, isMessage: boolean): Node {
    this.#parts++;
    this.#hit = undefined;
    const headerStart = this.#lines.next;
    const bodyStart = this.#header(headerStart);
    const header = new Header(this.#source.read(headerStart, bodyStart));
    if (depth === 0) this.#rootHeader = header;
    const fields = mimeFields(header, fallback);
    const type = fields.type.toLowerCase();
    const subtype = fields.subtype.toLowerCase();
    const encoding = fields.encoding.toLowerCase();
    const before = this.#lines.count;
    const encloses = type === "message" && (subtype === "rfc822" || subtype === "global");

    let children: Node[] = [];
    let message: Node | undefined;
    if (this.#hit === undefined) {
      const deeper = depth < MAX_DEPTH && this.#parts < MAX_PARTS;
      if (type === "multipart" && deeper) children = this.#multipart(fields, subtype, depth);
      else if (encloses && deeper && !isTransformed(encoding)) message = this.#part("text/plain", depth + 1, true);
      else this.#toBoundary();
    }

    const end = this.#hit === undefined ? this.#lines.size : Math.max(bodyStart, this.#hitEnd);
    const lines = this.#linesSince(before);
    if (type === "multipart" && children.length === 0) children = [plainBody(bodyStart, end, lines)];
    if (encloses && message === undefined) {
      message = { ...plainBody(bodyStart, end, lines), envelope: envelope(NO_HEADER) };
    }
    return {
      part: {
        type,
        subtype,
        headerStart,
        bodyStart,
        end,
        lines,
        encoding,
        charset: charsetOf(fields),
        parts: children.map((child) => child.part),
        ...(message && { message: message.part }),
      },
      fields,
      children,
      message,
      envelope: isMessage ? envelope(header) : undefined,
    };
  }

  #multipart(fields: MimeFields, subtype: string, depth: number): Node[] {
    const children: Node[] = [];
    const boundary = boundaryOf(fields);
    if (boundary === undefined) {
      this.#toBoundary();
      return children;
    }
    const fallback = subtype === "digest" ? "message/rfc822" : "text/plain";
    const level = this.#boundaries.push(boundary);
    this.#toBoundary();
    while (this.#hit !== undefined && this.#hit.level === level && !this.#hit.closing) {
      children.push(this.#part(fallback, depth + 1, false));
      if (this.#parts >= MAX_PARTS - 1) this.#boundaries.close();
    }
    this.#boundaries.pop();
    // What follows the closing line up to the next outer boundary is the epilogue.
    if (this.#hit !== undefined && this.#hit.level === level) this.#toBoundary();
    return children;
  }

  /** Walks the header's lines. Returns where the body begins. */
  #header(start: number): number {
    const lines = this.#lines;
    const limit = start + MAX_HEADER - this.#headerBytes;
    let end = start;
    while (lines.advance()) {
      if (lines.dashed && this.#isBoundary()) {
        end = Math.max(start, this.#hitEnd);
        break;
      }
      if (lines.next > limit) {
        end = lines.start > start ? lines.start : limit;
        lines.cut(end);
        break;
      }
      end = lines.next;
      if (lines.contentEnd === lines.start) break;
    }
    this.#headerBytes += end - start;
    return this.#headerEnd = end;
  }

  /** Walks the body to the next boundary line of any enclosing multipart, or to the end. */
  #toBoundary(): void {
    const lines = this.#lines;
    this.#hit = undefined;
    while (lines.advance()) {
      if (lines.dashed && this.#isBoundary()) return;
    }
  }

  #isBoundary(): boolean {
    const line = this.#lines.content(this.#boundaries.longestLine);
    if (line === undefined) return false;
    this.#hit = this.#boundaries.match(line);
    if (this.#hit === undefined) return false;
    this.#hitEnd = this.#lines.contentEndBefore(this.#headerEnd);
    return true;
  }

  /** Lines of the body that began when `before` lines had been walked. */
  #linesSince(before: number): number {
    const count = this.#lines.count - before;
    if (this.#hit === undefined) return Math.max(0, count);
    // The boundary line is not the body's, nor is an empty line that only its line end made.
    const emptied = this.#hitEnd <= this.#lines.previous ? 1 : 0;
    return Math.max(0, count - 1 - emptied);
  }
}

/** A transfer encoding under which enclosed structure cannot be seen (RFC 2046 §5.2.1 forbids it there). */
function isTransformed(encoding: string): boolean {
  return encoding === "base64" || encoding === "quoted-printable" || encoding.includes("uuencode");
}

function plainBody(start: number, end: number, lines: number): Node {
  return {
    part: {
      type: "text",
      subtype: "plain",
      headerStart: start,
      bodyStart: start,
      end,
      lines,
      encoding: "",
      charset: "",
      parts: [],
    },
    fields: mimeFields(undefined),
    children: [],
  };
}
