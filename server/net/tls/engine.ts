/**
 * TLS by OpenSSL 3: handshakes of the server's side over any endpoint.
 *
 * Invariants: an endpoint given to `accept` is closed when that fails; what a client may send before its handshake is done is bounded; a
 * handshake without an end is its caller's to abort.
 */
import type { TlsFacts } from "../../../auth/types.ts";
import type { Endpoint } from "../duplex.ts";
import { ConnectionEnd } from "../faults.ts";
import { callbacks, type Handshaking } from "./callbacks.ts";
import { ACME_PROTOCOL, Certificates, type CertificateSource } from "./certificates.ts";
import { type ClientHello, ClientHelloReader } from "./clienthello.ts";
import { Ciphertext, TlsConnection } from "./connection.ts";
import { type KeyPair, TlsContext } from "./context.ts";
import { HandshakeFacts } from "./facts.ts";
import { loadOpenSsl, type OpenSsl } from "./ffi.ts";
import { SslHandle } from "./handle.ts";
import { Slack } from "./slack.ts";
import { TicketKeys } from "./tickets.ts";
import { newTicketSecret, type TicketSecret } from "./ticketsecret.ts";

export type { CertificateSource, KeyPair };
export { liveConnections } from "./handle.ts";

export interface TlsEndpoint extends Endpoint {
  readonly facts: TlsFacts;
}

export interface AcceptOptions {
  /** Protocols in the server's order; the first that the client offers, too, is taken. */
  readonly alpn: readonly string[];
  /** A client that offers only others is let in without one; otherwise it gets no_application_protocol. */
  readonly alpnOptional?: boolean;
  readonly signal?: AbortSignal;
}

export interface TlsEngine {
  readonly name: "openssl" | "deno";
  /**
   * The server's side of a handshake over an endpoint. A validation by TLS-ALPN-01 ends here, too.
   * @throws {ConnectionEnd} the endpoint is then closed
   */
  accept(endpoint: Endpoint, options: AcceptOptions): Promise<TlsEndpoint>;
  /** Accepts no more; connections go on. */
  close(): void;
}

export interface EngineOptions {
  /** How long a session can be taken up again; 12 hours by default. Nobody can read it from what is kept after twice that time. */
  readonly ticketLifetimeSeconds?: number;
  /** Engines with the same one take up each other's sessions; a new one unless given. */
  readonly ticketSecret?: TicketSecret;
}

const TICKET_LIFETIME = 12 * 3600;
/** What a client sends before its handshake is done: its hello, certificates and little else. */
const MAX_HANDSHAKE = 64 * 1024;
const FIRST_BUFFER = 2 * 1024;

/**
 * @returns undefined when libssl 3 cannot be loaded (not there, no permission)
 * @throws {Error} a certificate that cannot be used
 */
export function openSslEngine(certificates: CertificateSource, options: EngineOptions = {}): TlsEngine | undefined {
  const openSsl = loadOpenSsl();
  return openSsl && new OpenSslEngine(openSsl, certificates, options);
}

class OpenSslEngine implements TlsEngine {
  readonly name = "openssl";
  readonly #openSsl: OpenSsl;
  readonly #tickets: TicketKeys;
  readonly #certificates: Certificates;
  readonly #slack: Slack;

  constructor(openSsl: OpenSsl, source: CertificateSource, options: EngineOptions) {
    const { ticketLifetimeSeconds: lifetimeSeconds = TICKET_LIFETIME, ticketSecret = newTicketSecret() } = options;
    this.#openSsl = openSsl;
    this.#slack = new Slack(openSsl);
    this.#tickets = new TicketKeys(openSsl, lifetimeSeconds, ticketSecret);
    const asked = callbacks(openSsl);
    this.#certificates = new Certificates(source, (pair) => new TlsContext(openSsl, asked, pair, lifetimeSeconds));
  }

  async accept(endpoint: Endpoint, options: AcceptOptions): Promise<TlsEndpoint> {
    const below = new ClosedOnce(endpoint);
    const abort = () => below.close();
    try {
      options.signal?.throwIfAborted();
      options.signal?.addEventListener("abort", abort, { once: true });
      return await this.#accept(below, options);
    } catch (fault) {
      below.close();
      if (options.signal?.aborted) throw new ConnectionEnd("TLS: the handshake was given up", { cause: fault });
      throw ConnectionEnd.from(fault);
    } finally {
      options.signal?.removeEventListener("abort", abort);
    }
  }

  close(): void {
    this.#slack.close();
    this.#certificates.close();
  }

  async #accept(below: Endpoint, options: AcceptOptions): Promise<TlsEndpoint> {
    const { hello, bytes, buffer } = await readHello(below);
    const validation = this.#certificates.challenge(hello);
    const context = validation ?? this.#certificates.choose(hello);
    if (!context) throw new ConnectionEnd("TLS: there is no certificate");
    const endPoint = context.endPoint;
    const handshaking: Handshaking = {
      alpn: protocolList(validation ? [ACME_PROTOCOL] : options.alpn),
      alpnOptional: options.alpnOptional ?? false,
      tickets: this.#tickets,
    };
    this.#slack.handshake();
    let handle: SslHandle;
    try {
      handle = new SslHandle(this.#openSsl, context);
    } finally {
      validation?.free();
    }
    try {
      handle.feed(bytes);
      const ciphertext = new Ciphertext(handle, below);
      await finish(handle, ciphertext, handshaking, MAX_HANDSHAKE - bytes.length, buffer);
      if (validation) {
        await ciphertext.flush();
        throw new ConnectionEnd("TLS: a validation of a name by ACME");
      }
      const facts = new HandshakeFacts(this.#openSsl, handle, hello?.serverName, endPoint);
      // In TLS 1.2 the client waits for the server's Finished. In 1.3 only a ticket is left: it goes with the first data.
      if (facts.version !== "TLSv1.3") await ciphertext.flush();
      options.signal?.throwIfAborted();
      return new TlsConnection(facts, handle, ciphertext, below);
    } catch (fault) {
      handle.free();
      throw fault;
    }
  }
}

/** @returns no `hello`: what came is not one */
async function readHello(below: Endpoint) {
  const reader = new ClientHelloReader();
  const buffer = new Uint8Array(FIRST_BUFFER);
  for (;;) {
    const count = await below.read(buffer);
    if (!count) throw new ConnectionEnd("TLS: closed before a ClientHello");
    const read: ClientHello | "unreadable" | undefined = reader.add(buffer.subarray(0, count));
    if (read) return { hello: read === "unreadable" ? undefined : read, bytes: reader.bytes, buffer };
  }
}

/** Everything up to the client's Finished. What the server has to say to it is then still to be flushed. */
async function finish(
  handle: SslHandle,
  ciphertext: Ciphertext,
  state: Handshaking,
  limit: number,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<void> {
  for (let left = limit;;) {
    try {
      if (handle.handshake(state)) return;
    } catch (fault) {
      // The alert that says why.
      await ciphertext.flush().catch(() => {});
      throw fault;
    }
    await ciphertext.flush();
    if (left <= 0) throw new ConnectionEnd("TLS: the handshake is too long");
    const count = await ciphertext.receive(buffer);
    if (!count) throw new ConnectionEnd("TLS: closed within the handshake");
    left -= count;
  }
}

/** Protocol names with their lengths (RFC 7301 §3.1). */
function protocolList(names: readonly string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(names.map((name) => String.fromCharCode(name.length) + name).join(""));
}

class ClosedOnce implements Endpoint {
  readonly #endpoint: Endpoint;
  #closed = false;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#endpoint.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#endpoint.write(bytes);
  }

  async closeWrite(): Promise<void> {
    await this.#endpoint.closeWrite?.();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#endpoint.close();
    } catch {
      // Deno closes a connection by itself after some faults.
    }
  }
}
