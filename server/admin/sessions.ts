/** The connections that are open, so that they can be counted, listed and ended. */
import { getLogger } from "@logtape/logtape";
import type { AccountId } from "../../store/types.ts";
import type { SessionFacts } from "../control/protocol.ts";
import type { ConnectionView } from "../imap/connectionview.ts";
import type { ServerContext } from "../imap/context.ts";
import { connectionClosed, connectionOpened } from "../metrics.ts";
import type { Transport } from "../net/transport.ts";
import type { Team } from "../workers/team.ts";

const log = getLogger(["roost", "server"]);

/** What clients are told in BYE. */
export const SHUTTING_DOWN = "server is shutting down";
const ENDED = "the administrator has ended this session";

/** After the time that sessions have to end, those that remain are cut off and get this long, in ms, to tidy up. */
const LAST_MOMENT = 250;

/** How long sessions that an administrator ends have for it, in ms. */
const TIME_TO_END = 3000;

type Imap = typeof import("../imap/connection.ts");

interface Open {
  readonly id: string;
  readonly protocol: string;
  /** Seconds since 1970. */
  readonly since: number;
  readonly transport: Transport;
  /** Until there is one the connection has not begun. */
  view?: ConnectionView;
  served: Promise<void>;
}

/** Those of this thread. */
export class Sessions {
  readonly #open = new Map<string, Open>();
  #imap: Imap | undefined;
  #stopping = false;

  constructor(readonly context: ServerContext, readonly team: Pick<Team, "index" | "connectionNumber">) {}

  get size(): number {
    return this.#open.size;
  }

  /** Loads what serves clients, half of the program: the server listens before, and who comes meanwhile waits. */
  async load(): Promise<Imap> {
    return this.#imap ??= await import("../imap/connection.ts");
  }

  /** Serves a client until it is gone. */
  begin(transport: Transport, protocol: "imap" | "imaps" | "https", cleartextLogin: boolean): void {
    const id = String(this.team.connectionNumber());
    connectionOpened(protocol);
    log.debug("connection opened", { conn: id, protocol, remote: transport.remote });
    const ended = () => {
      this.#open.delete(id);
      connectionClosed(protocol);
    };
    const failed = (error: unknown) => {
      log.error("connection failed", { conn: id, error });
      transport.abort();
      ended();
    };
    const open: Open = { id, protocol, since: Math.floor(Date.now() / 1000), transport, served: Promise.resolve() };
    const serve = ({ serveConnection }: Imap): Promise<void> => {
      const onOpen = (view: ConnectionView) => open.view = view;
      const served = serveConnection(transport, this.context, { id, cleartextLogin, onOpen });
      if (this.#stopping) transport.abort();
      return served;
    };
    this.#open.set(id, open);
    open.served = (this.#imap ? serve(this.#imap) : this.load().then(serve)).then(ended, failed);
  }

  /** In the order in which they began. */
  *sessions(account?: AccountId): Generator<SessionFacts> {
    for (const open of this.#open.values()) {
      if (account === undefined || open.view?.account?.id === account) yield factsOf(open, this.team.index + 1);
    }
  }

  async endAccount(account: AccountId): Promise<number> {
    return await this.#endByAdmin([...this.#open.values()].filter(({ view }) => view?.account?.id === account));
  }

  async endSession(id: string): Promise<number> {
    const open = this.#open.get(id);
    return await this.#endByAdmin(open ? [open] : []);
  }

  async #endByAdmin(sessions: readonly Open[]): Promise<number> {
    for (const { id, view } of sessions) {
      log.info("ended by the administrator", { conn: id, account: view?.account?.address });
    }
    await this.#end(sessions, ENDED, TIME_TO_END);
    return sessions.length;
  }

  /** Every session gets BYE after its running command; after `timeoutMs` those that remain are cut off. */
  async end(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    await this.#end([...this.#open.values()], SHUTTING_DOWN, timeoutMs);
  }

  async #end(sessions: readonly Open[], text: string, timeoutMs: number): Promise<void> {
    for (const { view } of sessions) view?.stop(text);
    if (await ended(sessions, timeoutMs)) return;
    const left = sessions.filter(({ id }) => this.#open.has(id));
    log.warning("sessions did not end in time and were cut off", { sessions: left.length });
    for (const { transport } of left) transport.abort();
    await ended(left, LAST_MOMENT);
  }
}

/** @returns false when the time was over first */
async function ended(sessions: readonly Open[], timeoutMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  try {
    return await Promise.race([Promise.all(sessions.map(({ served }) => served)).then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function factsOf({ id, protocol, since, transport, view }: Open, worker: number): SessionFacts {
  return {
    id,
    protocol,
    account: view?.account?.address ?? null,
    remote: view?.remote ?? transport.remote,
    since,
    tls: view?.tls?.version ?? (view?.secure ? "TLS" : ""),
    program: view?.program ?? "",
    mailbox: view?.mailbox ?? null,
    idle: view?.quiet ?? 0,
    worker,
  };
}
