/** The connections that are open, so that they can be counted and ended. */
import { getLogger } from "@logtape/logtape";
import type { ServerContext } from "../imap/context.ts";
import { serveConnection } from "../imap/connection.ts";
import { connectionClosed, connectionOpened } from "../metrics.ts";
import type { Transport } from "../net/transport.ts";

const log = getLogger(["roost", "server"]);

/** After the time that sessions have to end, those that remain are cut off and get this long, in ms, to tidy up. */
const LAST_MOMENT = 250;

export class Sessions {
  readonly #open = new Map<Promise<void>, Transport>();
  readonly #stopping = new AbortController();
  #count = 0;

  constructor(readonly context: ServerContext) {}

  get size(): number {
    return this.#open.size;
  }

  /** Serves a client until it is gone. */
  begin(transport: Transport, protocol: "imap" | "imaps" | "https", cleartextLogin: boolean): void {
    const id = String(++this.#count);
    const { signal } = this.#stopping;
    connectionOpened(protocol);
    log.debug("connection opened", { conn: id, protocol, remote: transport.remote });
    const served = serveConnection(transport, this.context, { id, cleartextLogin, signal })
      .catch((error) => {
        log.error("connection failed", { conn: id, error });
        transport.abort();
      })
      .finally(() => {
        this.#open.delete(served);
        connectionClosed(protocol);
      });
    this.#open.set(served, transport);
    if (signal.aborted) transport.abort();
  }

  /** Every session gets BYE after its running command; after `timeoutMs` those that remain are cut off. */
  async end(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    if (await this.#ended(timeoutMs)) return;
    log.warning("sessions did not end in time and were cut off", { sessions: this.size });
    for (const transport of this.#open.values()) transport.abort();
    await this.#ended(LAST_MOMENT);
  }

  /** @returns false when the time was over first */
  async #ended(timeoutMs: number): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), timeoutMs);
    try {
      return await Promise.race([Promise.all(this.#open.keys()).then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
