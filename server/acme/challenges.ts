/**
 * The challenges that wait for an authority's visit. What is asked for is looked up exactly, and only what waits is answered: no
 * request from outside makes or changes anything here.
 */
import type { KeyPair } from "../config/tls.ts";
import { plain, type Route } from "../http/routes.ts";

/** Where HTTP-01 challenges are looked for (RFC 8555 §8.3). */
const FOLDER = "/.well-known/acme-challenge/";

export interface Waiting {
  /** Key authorizations by token (HTTP-01). */
  readonly tokens: ReadonlyMap<string, string>;
  /** Certificates by name (TLS-ALPN-01). */
  readonly challenges: ReadonlyMap<string, KeyPair>;
}

export class Challenges {
  readonly #tokens = new Map<string, string>();
  readonly #certificates = new Map<string, KeyPair>();
  /** Called after each change; an authority is told when what it gives has resolved. */
  changed: () => Promise<void> = async () => {};

  /** Answers the visits over HTTP. */
  readonly route: Route = {
    path: FOLDER,
    answer: (path) => {
      const body = this.#tokens.get(path.slice(FOLDER.length));
      if (body === undefined) return plain(404, "no such challenge waits\n");
      return plain(200, body, { "content-type": "application/octet-stream" });
    },
  };

  /** The certificate for a handshake with ALPN acme-tls/1 (RFC 8737 §3). */
  certificate(serverName: string): KeyPair | undefined {
    return this.#certificates.get(serverName.toLowerCase());
  }

  /** Answers for this token until the returned function is called. */
  answerHttp(token: string, keyAuthorization: string): Promise<() => void> {
    return this.#add(this.#tokens, token, keyAuthorization);
  }

  /** Shows this certificate for `name`, in lower case, until the returned function is called. */
  answerTls(name: string, pair: KeyPair): Promise<() => void> {
    return this.#add(this.#certificates, name, pair);
  }

  async #add<T>(to: Map<string, T>, key: string, value: T): Promise<() => void> {
    to.set(key, value);
    await this.changed();
    return () => {
      to.delete(key);
      void this.changed();
    };
  }

  /** What waits, by token and by name. */
  get waiting(): Waiting {
    return { tokens: new Map(this.#tokens), challenges: new Map(this.#certificates) };
  }

  /** Another thread's take the place of these. */
  follow({ tokens, challenges }: Waiting): void {
    this.#tokens.clear();
    this.#certificates.clear();
    for (const [token, answer] of tokens) this.#tokens.set(token, answer);
    for (const [name, pair] of challenges) this.#certificates.set(name, pair);
  }
}
