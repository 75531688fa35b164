/**
 * The challenges that wait for an authority's visit. What is asked for is looked up exactly, and only what waits is answered: no
 * request from outside makes or changes anything here.
 */
import type { KeyPair } from "../config/tls.ts";
import { plain, type Route } from "../http/routes.ts";

/** Where HTTP-01 challenges are looked for (RFC 8555 §8.3). */
const FOLDER = "/.well-known/acme-challenge/";

export class Challenges {
  readonly #tokens = new Map<string, string>();
  readonly #certificates = new Map<string, KeyPair>();

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
  answerHttp(token: string, keyAuthorization: string): () => void {
    this.#tokens.set(token, keyAuthorization);
    return () => this.#tokens.delete(token);
  }

  /** Shows this certificate for `name`, in lower case, until the returned function is called. */
  answerTls(name: string, pair: KeyPair): () => void {
    this.#certificates.set(name, pair);
    return () => this.#certificates.delete(name);
  }
}
