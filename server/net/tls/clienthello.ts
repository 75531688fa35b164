/**
 * Reads the first message of a client (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2) before OpenSSL sees it: which name and protocols it asks for.
 *
 * Invariants: nothing here decides whether a handshake is valid: what cannot be read is OpenSSL's to refuse; at most `MAX_BYTES` are kept;
 * the work is linear in the bytes, however they are cut into records and reads.
 */

export interface ClientHello {
  /** server_name (RFC 6066 §3), lower case; undefined where there is none that a host can have. */
  readonly serverName?: string;
  /** Protocols offered, in the client's order (RFC 7301). */
  readonly alpn: readonly string[];
}

/** Far more than any client sends: post-quantum keys take 1.2 KB, a ticket with a certificate inside some more. */
export const MAX_BYTES = 32 * 1024;

const RECORD_HEADER = 5;
const HANDSHAKE_RECORD = 22;
const MAX_RECORD = 16 * 1024;
const MESSAGE_HEADER = 4;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;

export class ClientHelloReader {
  #bytes = new Uint8Array(0);
  #length = 0;
  /** Where the next record begins. */
  #at = 0;
  /** The fragments of the records so far. */
  #message = new Uint8Array(0);
  #messageLength = 0;

  /** All that was added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @returns undefined: more is needed; "unreadable": no ClientHello, or too long a one */
  add(chunk: Uint8Array): ClientHello | "unreadable" | undefined {
    this.#bytes = appended(this.#bytes, this.#length, chunk);
    this.#length += chunk.length;
    if (this.#length > 0 && this.#bytes[0] !== HANDSHAKE_RECORD) return "unreadable";
    while (this.#length - this.#at >= RECORD_HEADER) {
      const length = (this.#bytes[this.#at + 3] << 8) | this.#bytes[this.#at + 4];
      const plausible = this.#bytes[this.#at] === HANDSHAKE_RECORD && this.#bytes[this.#at + 1] === 3;
      if (!plausible || length === 0 || length > MAX_RECORD) return "unreadable";
      const end = this.#at + RECORD_HEADER + length;
      if (end > this.#length) break;
      const fragment = this.#bytes.subarray(this.#at + RECORD_HEADER, end);
      this.#message = appended(this.#message, this.#messageLength, fragment);
      this.#messageLength += length;
      this.#at = end;
      const hello = this.#parsed();
      if (hello) return hello;
    }
    return this.#length > MAX_BYTES ? "unreadable" : undefined;
  }

  #parsed(): ClientHello | "unreadable" | undefined {
    const message = this.#message;
    if (message[0] !== CLIENT_HELLO) return "unreadable";
    if (this.#messageLength < MESSAGE_HEADER) return undefined;
    const length = (message[1] << 16) | (message[2] << 8) | message[3];
    if (length > MAX_BYTES) return "unreadable";
    if (this.#messageLength < MESSAGE_HEADER + length) return undefined;
    return clientHello(message.subarray(MESSAGE_HEADER, MESSAGE_HEADER + length)) ?? "unreadable";
  }
}

/** The bytes with more behind them, in the same memory where it is large enough. */
function appended(bytes: Uint8Array<ArrayBuffer>, length: number, more: Uint8Array): Uint8Array<ArrayBuffer> {
  let all = bytes;
  if (length + more.length > bytes.length) {
    all = new Uint8Array(length === 0 ? more.length : Math.max(2 * length, length + more.length));
    all.set(bytes.subarray(0, length));
  }
  all.set(more, length);
  return all;
}

/** The body of a ClientHello message; undefined where it is none. */
export function clientHello(body: Uint8Array): ClientHello | undefined {
  const whole = new Fields(body);
  whole.skip(2 + 32);
  whole.vector(1); // legacy_session_id
  whole.vector(2); // cipher_suites
  whole.vector(1); // legacy_compression_methods
  if (!whole.sound) return undefined;
  let serverName: string | undefined;
  const alpn: string[] = [];
  const extensions = whole.vector(2);
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (!extensions.sound) return undefined;
    if (type === SERVER_NAME) {
      const names = data.vector(2);
      while (names.left > 0 && names.sound) {
        const kind = names.number(1);
        const name = names.vector(2);
        if (kind === 0 && names.sound) serverName ??= hostName(name.rest());
      }
    } else if (type === ALPN) {
      const names = data.vector(2);
      while (names.left > 0 && names.sound) {
        const name = names.vector(1).rest();
        if (name.length > 0) alpn.push(String.fromCharCode(...name));
      }
    }
  }
  return { serverName, alpn };
}

/** Letters, digits, hyphens, underscores and dots only, so that it can stand in a log. */
function hostName(bytes: Uint8Array): string | undefined {
  if (bytes.length > 253) return undefined;
  const name = String.fromCharCode(...bytes);
  return /^[A-Za-z0-9._-]+$/.test(name) ? name.toLowerCase() : undefined;
}

/** Numbers and vectors one after the other (RFC 8446 §3). Past the end everything is empty and `sound` turns false. */
class Fields {
  sound = true;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  skip(size: number): void {
    if (size > this.left) this.#fail();
    else this.#at += size;
  }

  number(size: number): number {
    if (size > this.left) return this.#fail();
    let value = 0;
    for (const end = this.#at + size; this.#at < end; this.#at++) value = value * 256 + this.#bytes[this.#at];
    return value;
  }

  /** A vector whose length stands before it in so many bytes. */
  vector(lengthSize: number): Fields {
    const length = this.number(lengthSize);
    const start = this.#at;
    this.skip(length);
    return new Fields(this.#bytes.subarray(start, this.sound ? start + length : start));
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  #fail(): number {
    this.sound = false;
    this.#at = this.#bytes.length;
    return 0;
  }
}
