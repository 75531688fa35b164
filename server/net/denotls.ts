/**
 * TLS by Deno itself, where OpenSSL cannot be used: implicit TLS only, one certificate, nothing of the handshake can be asked.
 *
 * Deno cannot change a listener's certificate: a new one gets a listener of its own that takes the place of the one before, with no moment
 * without either. Who is connected stays. Deno keeps the descriptor of a socket whose handshake was given up until the peer leaves it.
 */
import { getLogger } from "@logtape/logtape";
import { AcceptLoop } from "./acceptloop.ts";
import type { CertificateSource } from "./tls/engine.ts";

const logger = getLogger(["roost", "net"]);

/** How long a replaced listener takes what stands in its queue. */
const DRAIN = 10;

export class DenoTlsListener {
  readonly port: number;
  readonly #hostname: string;
  readonly #certificates: CertificateSource;
  readonly #onSocket: (socket: Deno.TlsConn) => void;
  readonly #forget: (() => void) | void;
  readonly #old = new Map<AcceptLoop<Deno.TlsConn>, ReturnType<typeof setTimeout>>();
  #loop: AcceptLoop<Deno.TlsConn>;
  #closed = false;

  /** @throws the system's error when the address is not ours; the certificate cannot be used */
  constructor(
    { hostname, port }: { hostname: string; port: number },
    certificates: CertificateSource,
    onSocket: (socket: Deno.TlsConn) => void,
  ) {
    this.#hostname = hostname;
    this.#certificates = certificates;
    this.#onSocket = onSocket;
    this.#loop = this.#open(port);
    this.port = this.#loop.port;
    this.#forget = certificates.onChange(() => this.#renew());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget?.();
    this.#loop.close();
    for (const old of this.#old.keys()) this.#retire(old);
  }

  #open(port: number): AcceptLoop<Deno.TlsConn> {
    const [pair] = this.#certificates.pairs;
    const address = { hostname: this.#hostname, port, reusePort: true };
    return new AcceptLoop(Deno.listenTls({ ...address, ...pair, alpnProtocols: ["imap"] }), this.#onSocket);
  }

  #renew(): void {
    if (this.#closed) return;
    const old = this.#loop;
    try {
      this.#loop = this.#open(this.port);
    } catch (error) {
      logger.error("The new certificate cannot be used, the old one stays: {error}", { error });
      return;
    }
    // What stands in its queue would be reset.
    this.#old.set(old, setTimeout(() => this.#retire(old), DRAIN));
    logger.info("New certificate for port {port}", { port: this.port });
  }

  #retire(old: AcceptLoop<Deno.TlsConn>): void {
    clearTimeout(this.#old.get(old));
    this.#old.delete(old);
    old.close();
  }
}
