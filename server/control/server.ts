/**
 * The running server's end of the control socket.
 *
 * Whoever connects has a few seconds and one short line, a few at a time: a command that hangs holds nothing up.
 */
import { getLogger } from "@logtape/logtape";
import { runFolder } from "../../store/sqlite/bellrun.ts";
import type { AccountId } from "../../store/types.ts";
import { reason } from "../reason.ts";
import { socketState } from "../net/unixsocket.ts";
import { readLine, writeAll } from "./line.ts";
import {
  type ControlReply,
  type ControlRequest,
  MAX_LINE,
  MAX_REQUEST,
  type SessionFacts,
  socketIn,
} from "./protocol.ts";

const log = getLogger(["roost", "control"]);

/** Connections at once; more are closed unheard. */
const MOST = 64;
/** How long one may take in all, in ms. */
const TIME = 10_000;
/** Answers are written in pieces of about this many characters. */
const PIECE = 64 * 1024;

/** What can be asked. */
export interface Controlled {
  /** Those of one account or all. */
  sessions(account?: AccountId): Promise<Iterable<SessionFacts>>;
  /** Ends sessions. @returns how many, once they have ended */
  endAccount(account: AccountId): Promise<number>;
  endSession(id: string): Promise<number>;
}

export interface ControlSocket {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Listens in the data directory; a socket that an ended server left is replaced.
 * @returns undefined: it cannot be; the log says why. Mail is served all the same.
 */
export async function openControl(dataDir: string, controlled: Controlled): Promise<ControlSocket | undefined> {
  try {
    const path = socketIn(runFolder(dataDir));
    return new Control(path, await listenAt(path), controlled);
  } catch (error) {
    log.warning("there is no control socket, `roost sessions` will not work: {reason}", { reason: reason(error) });
    return undefined;
  }
}

/** Who finds the socket can connect to it, and nobody else can at any moment. @throws {Error} another server has it */
async function listenAt(path: string): Promise<Deno.UnixListener> {
  const state = await socketState(path);
  if (state === "taken") throw new Error("another server with the same data has it");
  if (state === "other") throw new Error(`what stands at ${path} is no socket`);
  const born = `${path}.new`;
  await Deno.remove(born).catch(ignoreMissing);
  const listener = Deno.listen({ transport: "unix", path: born });
  try {
    await Deno.chmod(born, 0o600);
    await Deno.rename(born, path);
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

class Control implements ControlSocket {
  readonly #connections = new Set<Deno.UnixConn>();
  readonly #done: Promise<void>;
  #closed = false;

  constructor(readonly path: string, readonly listener: Deno.UnixListener, readonly controlled: Controlled) {
    this.#done = this.#accept();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Deno.remove(this.path).catch(ignoreMissing);
    this.listener.close();
    for (const connection of [...this.#connections]) this.#drop(connection);
    await this.#done;
  }

  async #accept(): Promise<void> {
    const running = new Set<Promise<void>>();
    while (!this.#closed) {
      try {
        const connection = await this.listener.accept();
        if (this.#closed || this.#connections.size >= MOST) {
          connection.close();
          continue;
        }
        this.#connections.add(connection);
        const run = this.#serve(connection).finally(() => running.delete(run));
        running.add(run);
      } catch (error) {
        if (this.#closed || error instanceof Deno.errors.BadResource) break;
        log.warning("a control connection could not be taken: {error}", { error }); // out of file descriptors, most likely
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    await Promise.all(running);
  }

  async #serve(connection: Deno.UnixConn): Promise<void> {
    const timer = setTimeout(() => this.#drop(connection), TIME);
    try {
      const line = await readLine(connection, MAX_REQUEST);
      if (line !== undefined) await this.#answer(connection, line);
    } catch (error) {
      log.debug("a control connection failed: {error}", { error });
    } finally {
      clearTimeout(timer);
      this.#drop(connection);
    }
  }

  async #answer(connection: Deno.UnixConn, line: string): Promise<void> {
    let waiting = "";
    for await (const reply of this.#replies(line)) {
      const text = JSON.stringify(reply);
      // A line that the other side would not take: a mailbox's name is never so long.
      waiting += text.length * 3 < MAX_LINE ? `${text}\n` : `${JSON.stringify({ fault: "an answer is too long" })}\n`;
      if (waiting.length < PIECE) continue;
      await writeAll(connection, waiting);
      waiting = "";
    }
    await writeAll(connection, waiting);
  }

  async *#replies(line: string): AsyncGenerator<ControlReply> {
    const request = await parsed(line);
    if (!request) return yield { fault: "the server does not know this request: are both of the same version?" };
    try {
      if (request.do === "sessions") {
        let count = 0;
        for (const session of await this.controlled.sessions(request.account as AccountId | undefined)) {
          count++;
          yield { session };
        }
        yield { done: count };
      } else {
        yield {
          done: request.do === "endAccount"
            ? await this.controlled.endAccount(request.account as AccountId)
            : await this.controlled.endSession(request.session),
        };
      }
    } catch (error) {
      log.error("a control request failed: {error}", { request: request.do, error });
      yield { fault: "the server could not do this; its log says why" };
    }
  }

  #drop(connection: Deno.UnixConn): void {
    if (this.#connections.delete(connection)) connection.close();
  }
}

async function parsed(line: string): Promise<ControlRequest | undefined> {
  const { requestSchema } = await import("./schemas.ts");
  try {
    return requestSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // no JSON
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
