/**
 * A transport whose other end knows when the server waits for input: then all that it had to say to what was sent has been said, but for
 * what waits for the disk. So nothing here waits for a time, and an answer that is missing is missing for good.
 */
import type { ByteSink, ByteSource } from "../../server/net/bytes.ts";
import { ConnectionEnd } from "../../server/net/faults.ts";
import type { Transport } from "../../server/net/transport.ts";

export class Link {
  readonly transport: Transport;
  /** What the server writes; it waits while this is not called back. */
  onOutput: (bytes: Uint8Array) => void | Promise<void> = () => {};
  /** The server has closed its side or the link was cut. */
  closed = false;
  #queue: Uint8Array[] = [];
  #hungry: ((bytes: Uint8Array | undefined) => void) | undefined;
  #waiters: (() => void)[] = [];
  #ended = false;
  #gone = false;
  /** Fails a write that nobody takes when the link is cut. */
  readonly #lost = Promise.withResolvers<never>();

  constructor(remote: string, secure: boolean) {
    this.#lost.promise.catch(() => {});
    const readable: ByteSource = {
      read: async () => {
        const over = this.#ended || this.closed;
        const bytes = this.#queue.shift() ?? (over ? undefined : await this.#starve());
        if (this.#gone) throw new ConnectionEnd("the client is gone");
        return bytes;
      },
      cancel: () => this.#close(),
    };
    const writable: ByteSink = {
      write: (bytes) => this.#gone ? this.#lost.promise : Promise.race([this.onOutput(bytes), this.#lost.promise]),
      close: async () => this.#close(),
      abort: () => this.#close(),
    };
    this.transport = { readable, writable, remote, secure, abort: () => this.cut() };
  }

  #starve(): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.#hungry = resolve;
      this.#wake();
    });
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  #close(): void {
    this.closed = true;
    this.#hungry?.(undefined);
    this.#hungry = undefined;
    this.#wake();
  }

  /** Bytes for the server, in pieces as they shall arrive. */
  send(pieces: readonly Uint8Array[]): void {
    this.#queue.push(...pieces.filter(({ length }) => length > 0));
    if (this.#queue.length === 0) return;
    const hungry = this.#hungry;
    this.#hungry = undefined;
    hungry?.(this.#queue.shift());
  }

  /** No more comes from the client. */
  end(): void {
    this.#ended = true;
    if (this.#queue.length > 0) return;
    this.#hungry?.(undefined);
    this.#hungry = undefined;
  }

  /** Both directions fail at once. */
  cut(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#lost.reject(new ConnectionEnd("the client is gone"));
    this.#close();
  }

  /** The server has read all and waits for more, or is gone. */
  get quiet(): boolean {
    return this.closed || this.#hungry !== undefined;
  }

  /** @returns whether it became quiet within that time */
  async untilQuiet(timeoutMs: number): Promise<boolean> {
    if (this.quiet) return true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, timeoutMs));
    await Promise.race([new Promise<void>((resolve) => this.#waiters.push(resolve)), late]);
    clearTimeout(timer);
    return this.quiet;
  }
}
