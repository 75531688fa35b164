/** A small issuer of tokens on loopback: keys that it publishes and changes, its metadata, and introspection. */
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { Buffer } from "node:buffer";
import type { OAuthOptions } from "../../../auth/authenticator.ts";
import { ALICE } from "../testing.ts";

export const AUDIENCE = "imap.example.org";

type Answer = (request: Request) => Response | Promise<Response>;

export class Issuer {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #signer: { kid: string; alg: string; keys: CryptoKeyPair } | undefined;
  readonly #stopping = Promise.withResolvers<Response>();
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  /** What is answered in place of the usual, by path. */
  readonly instead = new Map<string, Answer>();
  /** What introspection says, by token. */
  readonly active = new Map<string, Record<string, unknown>>();

  private constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await issuer.rotate();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  options(more: Partial<OAuthOptions> = {}): OAuthOptions {
    return { issuer: this.url, audience: [AUDIENCE], claim: "email", timeout: 2000, ...more };
  }

  introspection(cacheSeconds = 60): OAuthOptions["introspection"] {
    return { url: `${this.url}/introspect`, clientId: "roost:1", clientSecret: "s ecret", cacheSeconds };
  }

  /** A new key in place of the one before. */
  async rotate(alg = "ES256"): Promise<void> {
    this.#signer = { kid: crypto.randomUUID(), alg, keys: await generateKeyPair(alg, { extractable: true }) };
  }

  /** A good token for Alice, but for what is given; undefined takes a claim away. */
  async token(claims: JWTPayload = {}, header: { alg?: string; kid?: string; key?: CryptoKey | Uint8Array } = {}) {
    const { kid, alg, keys } = this.#signer!;
    const { key = keys.privateKey, ...named } = header;
    const payload = this.claims(claims);
    return await new SignJWT(payload).setProtectedHeader({ alg, kid, ...named }).sign(key);
  }

  claims(claims: JWTPayload = {}): JWTPayload {
    const now = Math.floor(Date.now() / 1000);
    return { iss: this.url, aud: AUDIENCE, iat: now, exp: now + 300, sub: "1", email: ALICE, ...claims };
  }

  unsigned(): string {
    return new UnsecuredJWT(this.claims()).encode();
  }

  /** The published key, as somebody could use it for a shared secret. */
  async publicKeyText(): Promise<Uint8Array> {
    return new TextEncoder().encode(await exportSPKI(this.#signer!.keys.publicKey));
  }

  /** What does not come as long as the issuer is there. */
  get late(): Promise<Response> {
    return this.#stopping.promise;
  }

  async stop(): Promise<void> {
    this.#stopping.resolve(new Response());
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.asked.push(pathname);
    const instead = this.instead.get(pathname);
    if (instead) return await instead(request);
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return Response.json({ issuer: this.url, jwks_uri: `${this.url}/keys` });
      case "/keys": {
        const { kid, alg, keys } = this.#signer!;
        return Response.json({ keys: [{ ...await exportJWK(keys.publicKey), kid, alg, use: "sig" }] });
      }
      case "/introspect": {
        const known = `Basic ${Buffer.from("roost%3A1:s%20ecret").toString("base64")}`;
        if (request.method !== "POST" || request.headers.get("authorization") !== known) {
          return new Response(undefined, { status: 401 });
        }
        const token = (await request.formData()).get("token");
        return Response.json(this.active.get(String(token)) ?? { active: false });
      }
      default:
        return new Response(undefined, { status: 404 });
    }
  }
}
