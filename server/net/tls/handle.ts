/**
 * An SSL with its two memory BIOs: ciphertext goes in and comes out as bytes.
 *
 * Invariants: freed exactly once; after that every call is a ConnectionEnd; calls never wait, so none is inside when it is freed; memory
 * that a burst took is given back by `rest`.
 */
import { ConnectionEnd } from "../faults.ts";
import { type Handshaking, handshaking } from "./callbacks.ts";
import type { TlsContext } from "./context.ts";
import { BIO_CTRL_PENDING, errorText, type OpenSsl, SSL_ERROR_WANT_READ, SSL_ERROR_ZERO_RETURN } from "./ffi.ts";

let live = 0;

/** Connections, handshakes among them, whose memory OpenSSL holds. */
export function liveConnections(): number {
  return live;
}

/** A BIO that held more keeps its memory, until it is replaced. */
const SMALL = 256;

export class SslHandle {
  readonly #c: OpenSsl;
  #ssl: Deno.PointerValue;
  #in: Deno.PointerValue = null;
  #out: Deno.PointerValue = null;
  /** The most that each has held. */
  #inPeak = 0;
  #outPeak = 0;
  /** OpenSSL met a fatal fault: it allows nothing more but to send its alert. */
  #broken: ConnectionEnd | undefined;

  /** @throws {Error} out of memory */
  constructor(openSsl: OpenSsl, context: TlsContext) {
    this.#c = openSsl;
    this.#ssl = context.connection();
    live++;
    this.#renewIn();
    this.#renewOut();
    openSsl.SSL_set_accept_state(this.#ssl);
  }

  /** For functions that only look. @throws {ConnectionEnd} */
  get pointer(): Deno.PointerObject {
    if (this.#ssl === null) throw new ConnectionEnd();
    return this.#ssl;
  }

  get freed(): boolean {
    return this.#ssl === null;
  }

  /** Ciphertext that waits to be taken out. */
  get pending(): number {
    return this.#ssl === null ? 0 : Number(this.#c.BIO_ctrl(this.#out, BIO_CTRL_PENDING, 0n, null));
  }

  /** @returns true: done; false: more ciphertext is needed. @throws {ConnectionEnd} */
  handshake(state: Handshaking): boolean {
    const ssl = this.#usable();
    const done = handshaking(state, () => this.#c.SSL_do_handshake(ssl));
    if (done === 1) return true;
    this.#why(done);
    return false;
  }

  /** @returns how many bytes; 0: more ciphertext is needed; null: the peer's orderly end. @throws {ConnectionEnd} */
  decrypt(into: Uint8Array<ArrayBuffer>): number | null {
    const ssl = this.#usable();
    const count = this.#c.SSL_read(ssl, into, into.length);
    if (count > 0) return count;
    return this.#why(count) === SSL_ERROR_ZERO_RETURN ? null : 0;
  }

  /** Takes all of it. @throws {ConnectionEnd} */
  encrypt(bytes: Uint8Array<ArrayBuffer>): void {
    const ssl = this.#usable();
    const count = this.#c.SSL_write(ssl, bytes, bytes.length);
    if (count === bytes.length) return;
    this.#why(count);
    throw this.#broken = new ConnectionEnd("TLS: cannot write");
  }

  /** Sends close_notify. @throws {ConnectionEnd} */
  shutdown(): void {
    const ssl = this.#usable();
    const result = this.#c.SSL_shutdown(ssl);
    if (result < 0) this.#why(result);
  }

  /** Ciphertext from below. @throws {ConnectionEnd} */
  feed(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#ssl === null) throw new ConnectionEnd();
    if (bytes.length === 0) return;
    if (this.#c.BIO_write(this.#in, bytes, bytes.length) !== bytes.length) throw new ConnectionEnd("out of memory");
    const pending = Number(this.#c.BIO_ctrl(this.#in, BIO_CTRL_PENDING, 0n, null));
    if (pending > this.#inPeak) this.#inPeak = pending;
  }

  /** Takes ciphertext out. @returns how many bytes. @throws {ConnectionEnd} */
  take(into: Uint8Array<ArrayBuffer>): number {
    if (this.#ssl === null) throw new ConnectionEnd();
    const pending = this.pending;
    if (pending > this.#outPeak) this.#outPeak = pending;
    return Math.max(0, this.#c.BIO_read(this.#out, into, into.length));
  }

  /** Gives back memory; when there is nothing to do for a while. */
  rest(): void {
    if (this.#ssl === null) return;
    if (this.#inPeak > SMALL && this.#c.BIO_ctrl(this.#in, BIO_CTRL_PENDING, 0n, null) === 0n) this.#renewIn();
    if (this.#outPeak > SMALL && this.pending === 0) this.#renewOut();
  }

  free(): void {
    if (this.#ssl === null) return;
    this.#c.SSL_free(this.#ssl);
    this.#ssl = this.#in = this.#out = null;
    live--;
  }

  #usable(): Deno.PointerObject {
    if (this.#ssl === null) throw new ConnectionEnd();
    if (this.#broken) throw this.#broken;
    this.#c.ERR_clear_error();
    return this.#ssl;
  }

  /** Why a call gave no result: SSL_ERROR_WANT_READ or SSL_ERROR_ZERO_RETURN. @throws {ConnectionEnd} for every other */
  #why(result: number): number {
    const why = this.#c.SSL_get_error(this.#ssl, result);
    if (why === SSL_ERROR_WANT_READ || why === SSL_ERROR_ZERO_RETURN) return why;
    throw this.#broken = new ConnectionEnd(`TLS: ${errorText(this.#c)}`);
  }

  #renewIn(): void {
    this.#in = this.#bio();
    this.#inPeak = 0;
    this.#c.SSL_set0_rbio(this.#ssl, this.#in);
  }

  #renewOut(): void {
    this.#out = this.#bio();
    this.#outPeak = 0;
    this.#c.SSL_set0_wbio(this.#ssl, this.#out);
  }

  #bio(): Deno.PointerObject {
    const bio = this.#c.BIO_new(this.#c.BIO_s_mem());
    if (bio !== null) return bio;
    this.free();
    throw new ConnectionEnd("out of memory");
  }
}
