/**
 * LMTP (RFC 2033) on a TCP port or a Unix socket. There is no authentication: who reaches it may deliver.
 *
 * Invariant: a message that is answered with 250 is safe on the disk; when the server ends, running messages are answered first.
 */
import { chmod, rm } from "node:fs/promises";
import { once } from "node:events";
import { getLogger } from "@logtape/logtape";
import type { SMTPServerSession } from "smtp-server";
import { inNetworks } from "../../auth/networks.ts";
import type { Deliverer } from "../delivery/delivery.ts";
import { connectionClosed, connectionOpened } from "../metrics.ts";
import { clearSocket } from "../net/unixsocket.ts";
import { LmtpServer } from "./connection.ts";
import { LmtpDelivery, Refusal } from "./session.ts";

const log = getLogger(["roost", "lmtp"]);

/** RFC 5321 §4.5.3.1.4 asks for 512 bytes; parameters and addresses in UTF-8 make lines longer. */
const MAX_LINE = 4096;
const UNUSED = ["AUTH", "STARTTLS", "XCLIENT", "XFORWARD", "HELP", "WIZ", "SHELL", "KILL"];

export interface LmtpOptions {
  /** A Unix socket, in place of address and port. */
  readonly path?: string;
  /** Its permissions, octal. */
  readonly mode: string;
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** Who may deliver by TCP; empty: everybody. */
  readonly networks: readonly string[];
}

export interface LmtpListener {
  /** The actual one; 0 for a Unix socket. */
  readonly port: number;
  /** Lets running messages be answered, for `timeoutMs` at most, then cuts off what remains. */
  close(timeoutMs: number): Promise<void>;
}

/** @throws {Error} the address or the socket is in use or cannot be made */
export async function listenLmtp(options: LmtpOptions, deliverer: Deliverer): Promise<LmtpListener> {
  const { path, mode, address, port } = options;
  if (path !== undefined) await clearSocket(path);
  const running = new Set<Promise<void>>();
  const server = makeServer(options, deliverer, running);
  const listening = once(server.server, "listening");
  if (path === undefined) server.listen(port, address);
  else server.listen(path);
  await listening;
  if (path !== undefined) await chmod(path, parseInt(mode, 8));
  const bound = server.server.address();
  return {
    port: bound !== null && typeof bound === "object" ? bound.port : 0,
    async close(timeoutMs) {
      await server.end(timeoutMs);
      // Those whose clients have gone tidy up.
      await Promise.all(running);
      if (path !== undefined) await rm(path, { force: true });
    },
  };
}

/** @param running the messages that are being delivered */
function makeServer(
  { path, networks }: LmtpOptions,
  deliverer: Deliverer,
  running: Set<Promise<void>>,
): LmtpServer {
  const { config } = deliverer;
  const { limits } = config;
  const delivery = new LmtpDelivery(deliverer);
  const counted = new WeakSet<SMTPServerSession>();
  const server: LmtpServer = new LmtpServer({
    lmtp: true,
    name: config.hostname,
    heloResponse: "%s",
    size: limits.messageSize,
    maxRecipients: limits.lmtpRecipients,
    maxClients: limits.lmtpConnections,
    maxCommandLength: MAX_LINE,
    socketTimeout: limits.lmtpTimeout * 1000,
    disabledCommands: UNUSED,
    hideENHANCEDSTATUSCODES: false,
    disableReverseLookup: true,
    logger: false,
    onConnect(session, callback) {
      counted.add(session);
      connectionOpened("lmtp");
      const remote = session.remoteAddress || "local";
      log.debug("connection opened", { conn: session.id, remote });
      const allowed = path !== undefined || networks.length === 0 || inNetworks(remote, networks);
      if (allowed) return callback();
      log.warning("a client outside of the listener's networks was refused", { remote });
      callback(new Refusal(554, "5.7.1 You may not deliver mail here"));
    },
    onClose(session) {
      if (counted.delete(session)) connectionClosed("lmtp");
    },
    onRcptTo(address, session, callback) {
      delivery.recipient(address, session).then(() => callback(), callback);
    },
    onData(stream, session, callback) {
      const delivered = delivery.message(stream, session).then((replies) => {
        callback(null, replies);
        if (server.ending) server.served.find((connection) => connection.session === session)?.dismiss();
      }).catch((error) => log.error("replies could not be sent", { error })).finally(() => running.delete(delivered));
      running.add(delivered);
    },
  });
  // They end the connection that they are of; `listening` hears of those of the listener.
  server.on("error", (error: Error) => log.debug("connection failed", { error }));
  return server;
}
