/**
 * Accepts connections and hands them on. All go one way: accept, the proxy's header where a proxy is trusted, admission of the address that
 * is then known, the handshake where TLS begins at once, a transport.
 *
 * Invariants: nothing that one peer does or fails to do stops the acceptance of others; admission is asked once for each connection, before
 * it costs a handshake, and its place is given back when the socket is closed; a transport is handed on after its handshake; a new
 * certificate serves the connections that come, those that are there live on.
 */
import { getLogger } from "@logtape/logtape";
import { AcceptLoop } from "./acceptloop.ts";
import type { Admitted, Refused } from "./admission.ts";
import { DenoTlsListener } from "./denotls.ts";
import { duplex, type Endpoint } from "./duplex.ts";
import { Handshakes } from "./handshakes.ts";
import { proxiedAddress } from "./proxyprotocol.ts";
import { peerAddress, Socket } from "./socket.ts";
import type { CertificateSource, TlsEngine } from "./tls/engine.ts";
import type { Transport } from "./transport.ts";
import { FrameWriter } from "./writer.ts";

const logger = getLogger(["roost", "net"]);

export interface ListenOptions {
  /** `imap` begins in clear text and offers STARTTLS where `tls` is an engine; `https` is IMAP to who asks for it by ALPN, HTTP to others. */
  readonly protocol: "imap" | "imaps" | "https";
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  /** Certificates alone: Deno's own TLS, for `imaps` without a proxy. */
  readonly tls?: TlsEngine | CertificateSource;
  /** Whether a peer is a proxy that tells by the PROXY protocol whom it speaks for; it must then. */
  readonly proxied?: (peer: string) => boolean;
  /** How long a handshake may take, in milliseconds; 30 s by default. */
  readonly handshakeTimeout?: number;
  /** Asked once for each connection, with its client's address. */
  readonly admission?: { connect(remote: string): Admitted | Refused | Promise<Admitted | Refused> };
  /** What a client that was refused is told in clear text; with TLS the connection is just closed. */
  readonly farewell?: (reason: string) => Uint8Array;
  /** Others of this server listen at the same address: it is not tested whether it is free. */
  readonly shared?: boolean;
  /** Takes what speaks HTTP in TLS; it must be closed. */
  readonly onHttp?: (endpoint: Endpoint, remote: string) => void;
}

export interface Listener {
  /** The actual one. */
  readonly port: number;
  /** Stops accepting; transports that were handed on live on. */
  close(): void;
}

/** Open sockets that have not shown yet what they are; the oldest gives way to the next. */
const MAX_HANDSHAKES = 1000;
const HANDSHAKE_TIMEOUT = 30_000;
const PROXY_TIMEOUT = 5000;
/** How long a refused client may take to hear why. */
const FAREWELL_TIMEOUT = 250;
const IMAP = "imap";

/**
 * Listens at once.
 * @throws the system's error when the address is in use or not ours, or the certificate cannot be used
 */
export function listen(options: ListenOptions, onTransport: (transport: Transport) => void): Listener {
  return new Door(options, onTransport);
}

class Door implements Listener {
  readonly port: number;
  readonly #options: ListenOptions;
  readonly #onTransport: (transport: Transport) => void;
  readonly #handshakes = new Handshakes(MAX_HANDSHAKES);
  readonly #accepting: { readonly port: number; close(): void };
  readonly #engine: TlsEngine | undefined;
  readonly #handshakeTimeout: number;

  constructor(options: ListenOptions, onTransport: (transport: Transport) => void) {
    this.#options = options;
    this.#onTransport = onTransport;
    this.#handshakeTimeout = options.handshakeTimeout ?? HANDSHAKE_TIMEOUT;
    const { hostname, port, protocol, tls, shared } = options;
    // The real listener shares its port; this one finds out whether somebody else has it.
    if (!shared && port !== 0) Deno.listen({ hostname, port }).close();
    const address = { hostname, port, reusePort: true };
    this.#engine = tls && "accept" in tls ? tls : undefined;
    if (protocol === "imap" || this.#engine) {
      this.#accepting = new AcceptLoop(Deno.listen(address), (conn) => {
        void this.#welcome(conn, (socket, remote) => this.#greet(socket, remote));
      });
    } else {
      if (protocol === "https" || !tls || !("pairs" in tls)) throw new TypeError(`${protocol} needs a TLS engine`);
      this.#accepting = new DenoTlsListener(address, tls, (conn) => {
        void this.#welcome(conn, async (socket, remote) => {
          await this.#handshakes.run(socket, this.#handshakeTimeout, () => conn.handshake());
          this.#onTransport({ ...duplex(socket), remote, secure: true });
        });
      });
    }
    this.port = this.#accepting.port;
  }

  close(): void {
    this.#accepting.close();
    this.#handshakes.close();
  }

  /** Lets in who may come in, and closes the socket after every fault. */
  async #welcome(
    conn: Deno.TcpConn | Deno.TlsConn,
    letIn: (socket: Socket, remote: string) => Promise<void>,
  ): Promise<void> {
    const { admission, proxied } = this.#options;
    const socket = new Socket(conn);
    let remote = "";
    try {
      remote = peerAddress(conn);
      if ("setNoDelay" in conn) {
        // Answers are written whole; waiting for more of them would only make them late.
        conn.setNoDelay(true);
        conn.setKeepAlive(true);
      }
      if (proxied?.(remote)) {
        remote = await this.#handshakes.run(socket, PROXY_TIMEOUT, () => proxiedAddress(socket)) ?? remote;
      }
      const admitted = await admission?.connect(remote);
      if (admitted && "refused" in admitted) return await this.#refuse(socket, remote, admitted.refused);
      if (admitted) socket.holds(() => admitted.release());
      await letIn(socket, remote);
    } catch (error) {
      logger.debug("No connection with {remote}: {error}", { remote, error });
      socket.close();
    }
  }

  async #greet(socket: Socket, remote: string): Promise<void> {
    const { protocol, onHttp } = this.#options;
    const engine = this.#engine;
    if (protocol === "imap") {
      const startTls = engine && (async () => (await this.#secured(engine, socket, remote)).transport);
      return this.#onTransport({ ...duplex(socket), remote, secure: false, ...(startTls && { startTls }) });
    }
    if (!engine) return socket.close();
    const { endpoint, transport } = await this.#secured(engine, socket, remote);
    if (protocol === "imaps" || endpoint.facts.alpn === IMAP) this.#onTransport(transport);
    else if (onHttp) onHttp(endpoint, remote);
    else endpoint.close();
  }

  /** The handshake over a socket. Another protocol than ours that a client insists on is refused (RFC 7301 §3.2), against ALPACA. */
  async #secured(engine: TlsEngine, socket: Socket, remote: string) {
    const web = this.#options.protocol === "https";
    const options = { alpn: web ? [IMAP, "http/1.1"] : [IMAP], alpnOptional: web };
    const endpoint = await this.#handshakes.run(socket, this.#handshakeTimeout, () => engine.accept(socket, options));
    return { endpoint, transport: { ...duplex(endpoint), remote, secure: true, tls: endpoint.facts } };
  }

  async #refuse(socket: Socket, remote: string, reason: string): Promise<void> {
    const { protocol, farewell } = this.#options;
    logger.debug("Refused {remote}: {reason}", { remote, reason });
    if (protocol === "imap" && farewell) {
      const writer = new FrameWriter(duplex(socket).writable);
      await writer.write(farewell(reason), FAREWELL_TIMEOUT);
      await writer.close(FAREWELL_TIMEOUT);
    }
    socket.close();
  }
}
