/**
 * What a connection has to say, on its way to the client: it waits here, then for the disk, then for the client.
 *
 * Invariants: nothing is sent before all that it tells of is on the disk (see `MailStore.safe`); what is said goes out in its order;
 * after something could not be sent, everything that is tried throws why.
 */
import { Encoder } from "./wire/encoder.ts";

/** Sent at the latest when so many bytes wait. */
const MUCH = 32 * 1024;
/** While pipelined commands run, earlier answers wait no longer than this, in ms. */
const LONG = 5;

/** Where it goes. */
export interface Outlet {
  /** Sends bytes; when it resolves they may be written again. @throws what the connection cannot survive */
  deliver(bytes: Uint8Array): Promise<void>;
  /** Ends the wait for the client: what was said behind its back could not be sent. Never throws. */
  giveUp(): Promise<void>;
}

export class Outbox {
  /** Takes what is said. */
  readonly out = new Encoder();
  readonly #outlet: Outlet;
  /** What is on its way while the next command is done. */
  #behind: Promise<void> | undefined;
  #fault: { readonly error: unknown } | undefined;
  #sentAt = 0;

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  /** What was said last is still on its way. */
  get speaking(): boolean {
    return this.#behind !== undefined;
  }

  /** Enough waits, or for long enough, to be sent while the client has more to say. */
  get isDue(): boolean {
    return this.out.length > MUCH || performance.now() - this.#sentAt > LONG;
  }

  /** Sends what there is. */
  async flush(): Promise<void> {
    await this.#sent();
    if (this.out.length > 0) await this.#deliver(this.out.take());
  }

  /** The same where it is much. */
  flushed(): Promise<void> {
    return this.out.length > MUCH ? this.flush() : Promise.resolve();
  }

  /** Sends what there is, then these bytes. */
  async send(bytes: Uint8Array): Promise<void> {
    await this.flush();
    await this.#deliver(bytes);
  }

  /**
   * As `flush`, but the next command is read and done while the bytes wait for the disk and for the client: so pipelined commands share
   * flushes of the disk, and one at most runs ahead of a client that does not read.
   */
  async flushBehind(): Promise<void> {
    await this.#sent();
    if (this.out.length === 0) return;
    this.#behind = this.#deliver(this.out.take()).catch((error) => {
      this.#fault = { error };
      return this.#outlet.giveUp();
    }).finally(() => this.#behind = undefined);
  }

  /** Why something could not be sent, if so; from here on it may be tried again. */
  takeFault(): { readonly error: unknown } | undefined {
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }

  /** What was flushed behind is out. @throws what became of it */
  async #sent(): Promise<void> {
    await this.#behind;
    if (this.#fault) throw this.#fault.error;
  }

  async #deliver(bytes: Uint8Array): Promise<void> {
    await this.#outlet.deliver(bytes);
    this.#sentAt = performance.now();
  }
}
