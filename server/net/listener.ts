/**
 * Accepts connections, in clear or with TLS from the first byte, and hands them on as transports.
 *
 * Invariants: nothing that one peer does or fails to do stops the acceptance of others; a transport is handed on after its handshake; a
 * new certificate serves the connections that come, those that are there live on.
 */
import { getLogger } from "@logtape/logtape";
import { duplex } from "./duplex.ts";
import { Handshakes } from "./handshakes.ts";
import type { Transport } from "./transport.ts";

const logger = getLogger(["roost", "net"]);

/** The certificate of a server, as PEM text, always as it is now. */
export interface TlsSource {
  /** The certificate with the chain to its root. */
  readonly cert: string;
  readonly key: string;
  /** Calls back when `cert` and `key` have changed. May give a function that ends this. */
  onChange(callback: () => void): (() => void) | void;
}

export interface ListenOptions {
  readonly protocol: "imap" | "imaps";
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  /** For `imaps`. */
  readonly tls?: TlsSource;
  /** How long a handshake may take, in milliseconds; 30 s by default. */
  readonly handshakeTimeout?: number;
  /** Others of this server listen at the same address: it is not tested whether it is free. */
  readonly shared?: boolean;
}

export interface Listener {
  /** The actual one. */
  readonly port: number;
  /** Stops accepting; transports that were handed on live on. */
  close(): void;
}

/** Open sockets without a finished handshake; the oldest gives way to the next. */
const MAX_HANDSHAKES = 1000;
const HANDSHAKE_TIMEOUT = 30_000;
/** How long a replaced listener takes what stands in its queue. */
const DRAIN = 10;
/** Waiting times after a failed accept (EMFILE and the like), doubling. */
const FIRST_PAUSE = 20;
const LAST_PAUSE = 1000;

/**
 * Listens at once.
 * @throws the system's error when the address is in use or not ours, or the certificate cannot be used
 */
export function listen(options: ListenOptions, onTransport: (transport: Transport) => void): Listener {
  return new AcceptLoop(options, onTransport);
}

type Socket = Deno.TcpConn | Deno.TlsConn;
type Acceptor = Deno.TcpListener | Deno.TlsListener;

class AcceptLoop implements Listener {
  readonly port: number;
  readonly #options: ListenOptions;
  readonly #onTransport: (transport: Transport) => void;
  readonly #handshakes: Handshakes;
  readonly #forget: (() => void) | void;
  readonly #old = new Map<Acceptor, ReturnType<typeof setTimeout>>();
  #acceptor: Acceptor;
  #closed = false;

  constructor(options: ListenOptions, onTransport: (transport: Transport) => void) {
    this.#options = options;
    this.#onTransport = onTransport;
    this.#handshakes = new Handshakes(MAX_HANDSHAKES, options.handshakeTimeout ?? HANDSHAKE_TIMEOUT);
    // The real listener shares its port, for the change of certificates; this one finds out whether somebody else has it.
    if (!options.shared && options.port !== 0) Deno.listen({ hostname: options.hostname, port: options.port }).close();
    this.#acceptor = this.#open(options.port);
    this.port = (this.#acceptor.addr as Deno.NetAddr).port;
    this.#forget = options.tls?.onChange(() => this.#renew());
    void this.#run(this.#acceptor);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget?.();
    this.#acceptor.close();
    for (const old of this.#old.keys()) this.#retire(old);
    this.#handshakes.close();
  }

  #open(port: number): Acceptor {
    const { hostname, protocol, tls } = this.#options;
    const address = { hostname, port, reusePort: true };
    if (protocol === "imap") return Deno.listen(address);
    if (!tls) throw new TypeError("imaps needs a certificate");
    return Deno.listenTls({ ...address, cert: tls.cert, key: tls.key, alpnProtocols: ["imap"] });
  }

  /** Deno cannot change a listener's certificate: a second one takes the place of the first, with no moment without either. */
  #renew(): void {
    if (this.#closed) return;
    const old = this.#acceptor;
    try {
      this.#acceptor = this.#open(this.port);
    } catch (error) {
      logger.error("The new certificate cannot be used, the old one stays: {error}", { error });
      return;
    }
    void this.#run(this.#acceptor);
    // What stands in its queue would be reset.
    this.#old.set(old, setTimeout(() => this.#retire(old), DRAIN));
    logger.info("New certificate for port {port}", { port: this.port });
  }

  #retire(old: Acceptor): void {
    clearTimeout(this.#old.get(old));
    this.#old.delete(old);
    old.close();
  }

  async #run(acceptor: Acceptor): Promise<void> {
    let pause = FIRST_PAUSE;
    for (;;) {
      let socket: Socket;
      try {
        socket = await acceptor.accept();
      } catch (error) {
        if (this.#closed || (acceptor !== this.#acceptor && !this.#old.has(acceptor))) return;
        // A peer that left the queue, or no descriptor free: later ones may fare better.
        logger.warning("Accept failed: {error}", { error });
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(pause * 2, LAST_PAUSE);
        continue;
      }
      pause = FIRST_PAUSE;
      void this.#welcome(socket);
    }
  }

  async #welcome(socket: Socket): Promise<void> {
    let remote = "";
    try {
      remote = address(socket);
      if ("setNoDelay" in socket) {
        socket.setNoDelay(true);
        socket.setKeepAlive(true);
      }
      if ("handshake" in socket) await this.#handshakes.run(socket);
      const secure = this.#options.protocol === "imaps";
      this.#onTransport({ ...duplex(socket), remote, secure });
    } catch (error) {
      logger.debug("No connection with {remote}: {error}", { remote, error });
      try {
        socket.close();
      } catch {
        // The handshake closed it.
      }
    }
  }
}

/** An IPv4 client of an IPv6 socket is an IPv4 client. */
function address(socket: Socket): string {
  const { hostname } = socket.remoteAddr as Deno.NetAddr;
  return hostname.startsWith("::ffff:") && hostname.includes(".") ? hostname.slice(7) : hostname;
}
