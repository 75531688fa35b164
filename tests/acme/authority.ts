/**
 * A certificate authority that speaks ACME on loopback and believes nothing: it checks signatures, nonces, URLs, states and requests, and
 * visits the names (RFC 8555, RFC 8737, RFC 9773).
 */
import "reflect-metadata";
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from "@peculiar/x509";
import { calculateJwkThumbprint, decodeProtectedHeader, flattenedVerify, importJWK, type JWK } from "jose";
import { Issuer, NINETY_DAYS, type Validity } from "./issuer.ts";
import type { Visit } from "./visits.ts";

type Status = "pending" | "processing" | "ready" | "valid" | "invalid";

interface TestOrder {
  status: Status;
  readonly account: string;
  readonly name: string;
  readonly authorization: string;
  readonly replaces: unknown;
  certificate?: string;
  error?: unknown;
}

interface TestAuthorization {
  status: Status;
  readonly name: string;
  readonly order: number;
  readonly challenges: { readonly type: string; readonly token: string; status: Status; error?: unknown }[];
}

export interface AuthorityOptions {
  /** By challenge type; these are offered. */
  readonly visits: Record<string, Visit>;
  readonly terms?: boolean;
  /** Accounts are only for who knows this. */
  readonly externalAccount?: { keyId: string; hmacKey: Uint8Array };
  /** The window of its renewalInfo; without it there is none. */
  readonly window?: { start: Date; end: Date };
}

class Refusal {
  constructor(readonly status: number, readonly type: string, readonly detail: string, readonly headers = {}) {}
}

export class TestAuthority {
  /** For certificates issued from now on. */
  validity: () => Validity = NINETY_DAYS;
  /** How many of the next signed requests hear that their nonce is bad. */
  badNonces = 0;
  /** Answers requests before anything else where it gives something. */
  intercept: (path: string) => Promise<Response | undefined> | Response | undefined = () => undefined;
  /** The paths asked for, without the numbers at their ends. */
  readonly asked: string[] = [];
  readonly orders: TestOrder[] = [];
  readonly accounts = new Map<string, { jwk: JWK; contact: unknown }>();
  readonly #authorizations: TestAuthorization[] = [];
  readonly #certificates: string[] = [];
  readonly #nonces = new Set<string>();
  readonly #validations: Promise<void>[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(
    readonly options: AuthorityOptions,
    readonly issuer: Issuer,
    pair: { cert: string; key: string },
  ) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, ...pair, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  static async start(options: AuthorityOptions): Promise<TestAuthority> {
    const issuer = await Issuer.create();
    return new TestAuthority(options, issuer, await issuer.pair("localhost"));
  }

  get base(): string {
    return `https://localhost:${this.#server.addr.port}`;
  }

  get directory(): string {
    return `${this.base}/directory`;
  }

  /** How many certificates were signed. */
  get issued(): number {
    return this.#certificates.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#validations);
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.asked.push(pathname.replace(/\/[^/]*$/, "") || pathname);
    const intercepted = await this.intercept(pathname);
    if (intercepted) {
      await request.body?.cancel();
      return intercepted;
    }
    const headers = { "replay-nonce": this.#nonce(), "cache-control": "no-store" };
    try {
      const [status, body, more] = await this.#route(request, pathname);
      return new Response(typeof body === "string" || body === null ? body : JSON.stringify(body), {
        status,
        headers: { ...headers, ...more },
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const problem = { type: `urn:ietf:params:acme:error:${error.type}`, detail: error.detail, status: error.status };
      return Response.json(problem, { status: error.status, headers: { ...headers, ...error.headers } });
    }
  }

  #nonce(): string {
    const nonce = crypto.randomUUID();
    this.#nonces.add(nonce);
    return nonce;
  }

  async #route(request: Request, path: string): Promise<[number, unknown, Record<string, string>?]> {
    if (path === "/directory") return [200, this.#directory()];
    if (path === "/nonce") return [204, null];
    if (path.startsWith("/renewal/")) {
      return [200, this.#renewal(path.slice("/renewal/".length)), { "retry-after": "21600" }];
    }
    const { payload, account, jwk } = await this.#verify(request, path);
    const [kind, id] = path.slice(1).split("/");
    switch (kind) {
      case "account":
        return account === undefined ? this.#register(payload as Registration, jwk) : this.#account(path, payload);
      case "order":
        return id === undefined
          ? this.#newOrder(payload as NewOrder, account)
          : [200, this.#order(Number(id)), { "retry-after": "0" }];
      case "authorization":
        return [200, this.#authorization(Number(id)), { "retry-after": "0" }];
      case "challenge":
        return [200, this.#respond(Number(id), path.split("/")[3], payload, jwk)];
      case "finalize":
        return [200, await this.#finalize(Number(id), payload as { csr: string })];
      case "certificate":
        return [200, this.#certificates[Number(id)]];
    }
    throw new Refusal(404, "malformed", `there is no ${path}`);
  }

  #directory() {
    const { window, terms, externalAccount } = this.options;
    return {
      newNonce: `${this.base}/nonce`,
      newAccount: `${this.base}/account`,
      newOrder: `${this.base}/order`,
      ...(window && { renewalInfo: `${this.base}/renewal` }),
      meta: {
        ...(terms && { termsOfService: "https://localhost/terms" }),
        ...(externalAccount && { externalAccountRequired: true }),
      },
    };
  }

  /** RFC 8555 §6: the signature, the nonce, the URL and who signs. */
  async #verify(request: Request, path: string) {
    if (request.method !== "POST") throw new Refusal(405, "malformed", "not a POST");
    if (!request.headers.get("user-agent")?.startsWith("roost/")) throw new Refusal(400, "malformed", "no User-Agent");
    if (request.headers.get("content-type") !== "application/jose+json") {
      throw new Refusal(415, "malformed", "not JOSE");
    }
    const jws = await request.json();
    const header = decodeProtectedHeader(jws) as { nonce: string; url: string; kid?: string; jwk?: JWK; alg: string };
    if ((header.kid === undefined) === (header.jwk === undefined)) throw new Refusal(400, "malformed", "kid or jwk");
    if ((header.jwk !== undefined) !== (path === "/account")) {
      throw new Refusal(400, "malformed", "jwk is for newAccount");
    }
    if (header.url !== `${this.base}${path}`) throw new Refusal(401, "unauthorized", "signed for another URL");
    const known = header.kid === undefined ? undefined : this.accounts.get(header.kid);
    if (header.kid !== undefined && !known) throw new Refusal(400, "accountDoesNotExist", "no such account");
    const jwk = header.jwk ?? known!.jwk;
    const { payload } = await flattenedVerify(jws, await importJWK(jwk, header.alg), { algorithms: ["ES256"] });
    if (!this.#nonces.delete(header.nonce) || this.badNonces-- > 0) throw new Refusal(400, "badNonce", "bad nonce");
    const text = new TextDecoder().decode(payload);
    return { payload: text === "" ? undefined : JSON.parse(text), account: header.kid, jwk };
  }

  async #register(payload: Registration, jwk: JWK): Promise<[number, unknown, Record<string, string>]> {
    const { terms, externalAccount } = this.options;
    if (terms && payload.termsOfServiceAgreed !== true) throw new Refusal(403, "userActionRequired", "terms");
    if (externalAccount) {
      const binding = payload.externalAccountBinding;
      const header = decodeProtectedHeader(binding) as { kid: string; url: string };
      if (header.kid !== externalAccount.keyId || header.url !== `${this.base}/account`) {
        throw new Refusal(403, "unauthorized", "the external account is unknown");
      }
      const { payload: bound } = await flattenedVerify(binding, externalAccount.hmacKey, { algorithms: ["HS256"] });
      const thumbprint = await calculateJwkThumbprint(JSON.parse(new TextDecoder().decode(bound)));
      if (thumbprint !== await calculateJwkThumbprint(jwk)) throw new Refusal(403, "unauthorized", "another key");
    }
    const thumbprint = await calculateJwkThumbprint(jwk);
    const url = `${this.base}/account/${thumbprint}`;
    const known = this.accounts.has(url);
    if (!known) this.accounts.set(url, { jwk, contact: payload.contact });
    return [known ? 200 : 201, { status: "valid" }, { location: url }];
  }

  #account(path: string, payload: unknown): [number, unknown] {
    const account = this.accounts.get(`${this.base}${path}`)!;
    if (payload !== undefined) account.contact = (payload as Registration).contact;
    return [200, { status: "valid", contact: account.contact }];
  }

  #newOrder({ identifiers, replaces }: NewOrder, account = ""): [number, unknown, Record<string, string>] {
    const [{ type, value: name }] = identifiers;
    if (identifiers.length !== 1 || type !== "dns") throw new Refusal(400, "unsupportedIdentifier", "one DNS name");
    const number = this.orders.length;
    const authorization = `${this.base}/authorization/${number}`;
    this.orders.push({ status: "pending", account, name, authorization, replaces });
    const challenges = Object.keys(this.options.visits).map((type) => {
      return { type, token: crypto.randomUUID().replaceAll("-", "_"), status: "pending" as Status };
    });
    this.#authorizations.push({ status: "pending", name, order: number, challenges });
    return [201, this.#order(number), { location: `${this.base}/order/${number}` }];
  }

  #order(number: number) {
    const found = this.orders[number];
    if (!found) throw new Refusal(404, "malformed", "no such order");
    const { status, name, authorization, certificate, error } = found;
    return {
      status,
      identifiers: [{ type: "dns", value: name }],
      authorizations: [authorization],
      finalize: `${this.base}/finalize/${number}`,
      ...(certificate !== undefined && { certificate }),
      ...(error !== undefined && { error }),
    };
  }

  #authorization(number: number) {
    const { status, name, challenges } = this.#authorizations[number];
    return {
      status,
      identifier: { type: "dns", value: name },
      challenges: challenges.map((challenge) => ({
        ...challenge,
        url: `${this.base}/challenge/${number}/${challenge.type}`,
      })),
    };
  }

  #respond(number: number, type: string, payload: unknown, jwk: JWK) {
    const authorization = this.#authorizations[number];
    const challenge = authorization.challenges.find((other) => other.type === type);
    if (!challenge || challenge.status !== "pending") throw new Refusal(400, "malformed", "that does not wait");
    if (JSON.stringify(payload) !== "{}") throw new Refusal(400, "malformed", "the response is {}");
    challenge.status = "processing";
    this.#validations.push(this.#validate(authorization, challenge, jwk));
    return { ...challenge, url: `${this.base}/challenge/${number}/${type}` };
  }

  async #validate(
    authorization: TestAuthorization,
    challenge: TestAuthorization["challenges"][number],
    jwk: JWK,
  ): Promise<void> {
    const order = this.orders[authorization.order];
    try {
      const proof = `${challenge.token}.${await calculateJwkThumbprint(jwk)}`;
      await this.options.visits[challenge.type](authorization.name, challenge.token, proof);
      order.status = "ready";
      authorization.status = challenge.status = "valid";
    } catch (error) {
      challenge.error = { type: "urn:ietf:params:acme:error:unauthorized", detail: (error as Error).message };
      order.status = authorization.status = challenge.status = "invalid";
    }
  }

  async #finalize(number: number, { csr }: { csr: string }) {
    const order = this.orders[number];
    if (order.status !== "ready") throw new Refusal(403, "orderNotReady", `the order is ${order.status}`);
    const request = new Pkcs10CertificateRequest(Uint8Array.fromBase64(csr, { alphabet: "base64url" }));
    const asked = request.extensions.find((extension) => extension instanceof SubjectAlternativeNameExtension);
    const names = asked?.names.items.map(({ value }) => value);
    if (!await request.verify() || names?.join() !== order.name || request.subject !== "") {
      throw new Refusal(400, "badCSR", `asks for ${names}`);
    }
    this.#certificates.push(await this.issuer.sign([order.name], request.publicKey, this.validity()));
    order.certificate = `${this.base}/certificate/${this.#certificates.length - 1}`;
    order.status = "valid";
    return this.#order(number);
  }

  /** RFC 9773 §4.1: the authority key identifier and the serial number with its leading zero byte. */
  #renewal(id: string) {
    const [issuer, serial] = id.split(".").map((part) => Uint8Array.fromBase64(part, { alphabet: "base64url" }));
    if (issuer?.length !== 20 || serial?.[0] !== 0 || serial[1] !== 0xf0) {
      throw new Refusal(404, "malformed", "no such certificate");
    }
    const { start, end } = this.options.window!;
    return { suggestedWindow: { start: start.toISOString(), end: end.toISOString() } };
  }
}

interface Registration {
  readonly termsOfServiceAgreed?: boolean;
  readonly contact?: unknown;
  readonly externalAccountBinding: { protected: string; payload: string; signature: string };
}

interface NewOrder {
  readonly identifiers: readonly { type: string; value: string }[];
  readonly replaces?: string;
}
