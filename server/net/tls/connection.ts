/**
 * TLS over an endpoint, after its handshake.
 *
 * Invariants: ciphertext goes below in the order in which OpenSSL made it, by one writer at a time; what is read below is read into the
 * caller's own buffer, so an idle connection holds none; reading never waits for a peer that does not read, unless that peer has made us owe
 * it much; after `close` every call is a ConnectionEnd.
 */
import type { TlsFacts } from "../../../auth/types.ts";
import type { Endpoint } from "../duplex.ts";
import { ConnectionEnd } from "../faults.ts";
import type { SslHandle } from "./handle.ts";

/** What is encrypted before it is written below. */
const BATCH = 64 * 1024;
/** Above it the records' own bytes. */
const BATCH_BUFFER = BATCH + 1024;
/** A write that takes more than this borrows a buffer. */
const SMALL_WRITE = 8 * 1024;
const MAX_SPARE = 4;
/** As much as a record takes: whoever fills a small buffer is sending one. */
const RECORD_BUFFER = 17 * 1024;
/** Ciphertext without a byte of data in it, as a flood of key updates: several times what a whole record takes. */
const MAX_BARREN = 64 * 1024;
/** Answers that a peer calls for, as key updates, and does not read. */
const MAX_OWED = 64 * 1024;

const spare: Uint8Array<ArrayBuffer>[] = [];

/** Ciphertext between an SSL and the endpoint below it. */
export class Ciphertext {
  readonly #handle: SslHandle;
  readonly #below: Endpoint;
  #flushing: Promise<void> | undefined;
  #fault: ConnectionEnd | undefined;

  /** @param below its `close` may be called again */
  constructor(handle: SslHandle, below: Endpoint) {
    this.#handle = handle;
    this.#below = below;
  }

  /** Reads below, into `buffer`. @returns how many bytes OpenSSL got; null: the end. @throws {ConnectionEnd} */
  async receive(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    let count: number | null;
    try {
      count = await this.#below.read(buffer);
    } catch (fault) {
      throw ConnectionEnd.from(fault);
    }
    if (count) this.received(buffer, count);
    return count;
  }

  /** So many bytes came from below. @throws {ConnectionEnd} */
  received(buffer: Uint8Array<ArrayBuffer>, count: number): void {
    this.#handle.feed(count === buffer.length ? buffer : buffer.subarray(0, count));
  }

  /** Writes below what OpenSSL made. @throws {ConnectionEnd} */
  async flush(): Promise<void> {
    while (this.#flushing) await this.#flushing;
    if (!this.#fault && this.#handle.pending > 0) {
      this.#flushing = this.#writeAll();
      await this.#flushing;
      this.#flushing = undefined;
    }
    if (this.#fault) throw this.#fault;
    // Closed meanwhile: what was still pending is lost.
    if (this.#handle.freed) throw new ConnectionEnd();
  }

  /** The same, beside what else happens. */
  flushAside(): void {
    if (this.#handle.pending === 0) return;
    this.flush().catch(() => {
      // The fault stays: whoever writes next meets it.
    });
  }

  /** Frees both. */
  close(): void {
    this.#handle.free();
    this.#below.close();
  }

  /** Never rejects: what goes wrong is kept. */
  async #writeAll(): Promise<void> {
    try {
      for (let pending; (pending = this.#handle.pending) > 0;) {
        const buffer = pending > SMALL_WRITE ? spare.pop() ?? new Uint8Array(BATCH_BUFFER) : new Uint8Array(pending);
        const count = this.#handle.take(buffer);
        for (let done = 0; done < count;) {
          const rest = done === 0 && count === buffer.length ? buffer : buffer.subarray(done, count);
          const written = await this.#below.write(rest);
          if (written === 0) throw new ConnectionEnd();
          done += written;
        }
        if (buffer.length === BATCH_BUFFER && spare.length < MAX_SPARE) spare.push(buffer);
      }
    } catch (fault) {
      this.#fault = ConnectionEnd.from(fault);
    }
  }
}

/** One reads and one writes at a time; `close` may come at any time. */
export class TlsConnection implements Endpoint {
  readonly facts: TlsFacts;
  readonly #handle: SslHandle;
  readonly #ciphertext: Ciphertext;
  readonly #below: Endpoint;
  #ended = false;

  constructor(facts: TlsFacts, handle: SslHandle, ciphertext: Ciphertext, below: Endpoint) {
    this.facts = facts;
    this.#handle = handle;
    this.#ciphertext = ciphertext;
    this.#below = below;
  }

  /** @returns null at the end, with or without close_notify. @throws {ConnectionEnd} */
  async read(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    if (into.length === 0) return 0;
    let buffer = into;
    for (let barren = 0;;) {
      if (this.#handle.freed) throw new ConnectionEnd();
      if (this.#ended) return null;
      const count = await this.#decrypt(into);
      if (count !== 0) return count;
      if (barren > MAX_BARREN) throw new ConnectionEnd("TLS: too much without data");
      this.#ciphertext.flushAside();
      if (this.#handle.pending > MAX_OWED) await this.#ciphertext.flush();
      this.#handle.rest();
      // Not by `receive`: here an idle connection waits, and each function that waits keeps its frame.
      let received: number | null;
      try {
        received = await this.#below.read(buffer);
      } catch (fault) {
        throw ConnectionEnd.from(fault);
      }
      if (received) {
        this.#ciphertext.received(buffer, received);
        barren += received;
      } else this.#ended = true;
      if (received === buffer.length && received < RECORD_BUFFER) buffer = new Uint8Array(RECORD_BUFFER);
    }
  }

  /** Takes all; done when it is written below. @throws {ConnectionEnd} */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    for (let at = 0; at < bytes.length; at += BATCH) {
      this.#handle.encrypt(bytes.length <= BATCH ? bytes : bytes.subarray(at, at + BATCH));
      await this.#ciphertext.flush();
    }
    return bytes.length;
  }

  /** Tells the peer that nothing more comes. @throws {ConnectionEnd} */
  async closeWrite(): Promise<void> {
    this.#handle.shutdown();
    await this.#ciphertext.flush();
    await this.#below.closeWrite?.();
  }

  close(): void {
    this.#ciphertext.close();
  }

  /** As many records as fit. @returns 0: more ciphertext is needed; null: the end */
  async #decrypt(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    let filled = 0;
    try {
      while (filled < into.length) {
        const count = this.#handle.decrypt(filled === 0 ? into : into.subarray(filled));
        if (count === null) this.#ended = true;
        if (!count) break;
        filled += count;
      }
    } catch (fault) {
      // Good records before a broken one are given first; the fault stays and comes next.
      if (filled === 0) {
        await this.#ciphertext.flush().catch(() => {});
        throw fault;
      }
    }
    return filled > 0 ? filled : this.#ended ? null : 0;
  }
}
