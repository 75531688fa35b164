/**
 * The server's certificates as contexts, the right one for each name, renewed while connections go on.
 *
 * Invariants: a pair that cannot be used never takes the place of one that can; a context that no longer counts is freed here and lives on
 * only in its connections.
 */
import { getLogger } from "@logtape/logtape";
import type { ClientHello } from "./clienthello.ts";
import type { KeyPair, TlsContext } from "./context.ts";

const logger = getLogger(["roost", "tls"]);

/** Certificates as they are now. The first is the default: for names that no other has, and for clients that name none. */
export interface CertificateSource {
  readonly pairs: readonly KeyPair[];
  /** TLS-ALPN-01 (RFC 8737): the certificate that answers a validation of this name, shown only to ALPN "acme-tls/1". */
  challenge?(serverName: string): KeyPair | undefined;
  onChange(callback: () => void): (() => void) | void;
}

/** RFC 8737 §3. */
export const ACME_PROTOCOL = "acme-tls/1";

export class Certificates {
  readonly #source: CertificateSource;
  readonly #make: (pair: KeyPair) => TlsContext;
  readonly #forget: (() => void) | void;
  #contexts: TlsContext[] = [];
  #closed = false;

  /** @throws {Error} a pair that cannot be used */
  constructor(source: CertificateSource, make: (pair: KeyPair) => TlsContext) {
    this.#source = source;
    this.#make = make;
    try {
      for (const pair of source.pairs) this.#contexts.push(make(pair));
    } catch (error) {
      this.close();
      throw error;
    }
    this.#forget = source.onChange(() => this.#renew());
  }

  /** The context for a client; undefined while there is no certificate at all. */
  choose(hello: ClientHello | undefined): TlsContext | undefined {
    const [standard, ...others] = this.#contexts;
    const name = hello?.serverName;
    if (name === undefined || others.length === 0 || standard.isFor(name)) return standard;
    return others.find((context) => context.isFor(name)) ?? standard;
  }

  /** A context for this one handshake, which the caller frees, where it validates a name of ours. */
  challenge(hello: ClientHello | undefined): TlsContext | undefined {
    // The client must offer nothing else (RFC 8737 §3).
    if (hello?.serverName === undefined || hello.alpn.length !== 1 || hello.alpn[0] !== ACME_PROTOCOL) return undefined;
    const pair = this.#source.challenge?.(hello.serverName);
    return pair && this.#make(pair);
  }

  close(): void {
    this.#closed = true;
    this.#forget?.();
    for (const context of this.#contexts) context.free();
    this.#contexts = [];
  }

  #renew(): void {
    if (this.#closed) return;
    const old = this.#contexts;
    const renewed: TlsContext[] = [];
    this.#source.pairs.forEach((pair, index) => {
      const same = old.find((context) => context.pair.cert === pair.cert && context.pair.key === pair.key);
      const context = same ?? this.#made(pair) ?? old[index];
      if (context && !renewed.includes(context)) renewed.push(context);
    });
    this.#contexts = renewed;
    for (const context of old) if (!renewed.includes(context)) context.free();
  }

  #made(pair: KeyPair): TlsContext | undefined {
    try {
      return this.#make(pair);
    } catch (error) {
      logger.error("A new TLS certificate cannot be used: {error}", { error });
      return undefined;
    }
  }
}
