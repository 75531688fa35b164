/** A directory in memory, and an authenticator on it whose clock stands still. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { Authenticator, type AuthenticatorOptions, AuthError, type AuthFault } from "../../auth/authenticator.ts";
import type { BindingType, Client, Login, SaslExchange, TlsFacts } from "../../auth/types.ts";
import { deriveCredentials } from "../../auth/secrets.ts";
import { openDirectory } from "../../store/sqlite/directory.ts";
import type { Directory } from "../../store/store.ts";

export const LIMITS = { failuresPerMinute: 10, failuresPerDay: 50 };
export const ALICE = "alice@example.org";
export const PASSWORD = "pencil";
export const client: Client = { remote: "192.0.2.1", secure: true, scope: "imap" };
export const local: Client = { remote: "local", secure: true, scope: "imap" };

/** Deriving takes its time; one account's secrets serve all tests of a file. */
const secrets = deriveCredentials(PASSWORD);

export interface Scene {
  readonly directory: Directory;
  readonly auth: Authenticator;
  readonly clock: { now: number };
  /** Waits before answers, in milliseconds; nobody really waits. */
  readonly slept: number[];
}

export function authTest(
  name: string,
  test: (scene: Scene) => Promise<void>,
  options: Pick<AuthenticatorOptions, "oauth"> = {},
): void {
  Deno.test(name, async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "roost-auth-" });
    const directory = openDirectory(dataDir);
    const clock = { now: 0 };
    const slept: number[] = [];
    try {
      await directory.add([{ address: ALICE, credentials: await secrets }]);
      const auth = new Authenticator(directory, LIMITS, {
        ...options,
        hostname: "mail.example.org",
        now: () => clock.now,
        sleep: async (milliseconds) => void slept.push(milliseconds),
      });
      await test({ directory, auth, clock, slept });
    } finally {
      directory.close();
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

export async function refused(work: Promise<unknown>, kind: AuthFault, message?: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof AuthError, String(error));
    assert.equal(error.kind, kind);
    if (message) assert.match(error.message, message);
    return true;
  });
}

export const bytes = (text: string) => new TextEncoder().encode(text);

/** The challenge of a step that is not the last. */
export async function challenge(exchange: SaslExchange, data?: string): Promise<string> {
  const step = await exchange.next(data === undefined ? undefined : bytes(data));
  assert.ok(!step.done);
  return new TextDecoder().decode(step.challenge);
}

/** A SCRAM client written from RFC 5802 §3 alone: its last message, and the server's answer that it expects. */
export function scramClient(
  hash: "sha256" | "sha1",
  password: string,
  header: string,
  bare: string,
  serverFirst: string,
  bindingData: Uint8Array = new Uint8Array(),
) {
  const [, nonce, salt, rounds] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst)!;
  const size = hash === "sha256" ? 32 : 20;
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), Number(rounds), size, hash);
  const hmac = (key: Uint8Array, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, "Client Key");
  const binding = Buffer.concat([Buffer.from(header), bindingData]);
  const withoutProof = `c=${binding.toString("base64")},r=${nonce}`;
  const message = `${bare},${serverFirst},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), message);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i])).toString("base64");
  const verifier = `v=${hmac(hmac(salted, "Server Key"), message).toString("base64")}`;
  return { final: `${withoutProof},p=${proof}`, withoutProof, proof, verifier };
}

export interface ScramLogin {
  readonly mechanism?: string;
  readonly user?: string;
  readonly password?: string;
  /** The GS2 header. */
  readonly header?: string;
  /** What the client believes the channel to be. */
  readonly binding?: Uint8Array;
  readonly client?: Client;
}

/** A whole exchange, in which the client checks the server's proof too. */
export async function scramLogin(auth: Authenticator, options: ScramLogin = {}): Promise<Login> {
  const { mechanism = "SCRAM-SHA-256", user = ALICE, password = PASSWORD, header = "n,,", binding } = options;
  const exchange = auth.begin(mechanism, options.client ?? client)!;
  const bare = `n=${user},r=abcdef`;
  const serverFirst = await challenge(exchange, header + bare);
  const hash = mechanism.startsWith("SCRAM-SHA-256") ? "sha256" : "sha1";
  const { final, verifier } = scramClient(hash, password, header, bare, serverFirst, binding);
  const step = await exchange.next(bytes(final));
  assert.ok(step.done);
  assert.equal(new TextDecoder().decode(step.data), verifier);
  return step.login;
}

/** PLAIN in one step. */
export async function plainLogin(auth: Authenticator, user: string, password: string, from = client): Promise<Login> {
  const step = await auth.begin("PLAIN", from)!.next(bytes(`\0${user}\0${password}`));
  assert.ok(step.done);
  return step.login;
}

/** CRAM-MD5, with the password in NFC. */
export async function cramLogin(auth: Authenticator, user: string, password: string, from = client): Promise<Login> {
  const exchange = auth.begin("CRAM-MD5", from)!;
  const text = await challenge(exchange);
  const digest = createHmac("md5", password.normalize("NFC")).update(text).digest("hex");
  const step = await exchange.next(bytes(`${user} ${digest}`));
  assert.ok(step.done);
  return step.login;
}

/** The LOGIN mechanism. */
export async function saslLogin(auth: Authenticator, user: string, password: string, from = client): Promise<Login> {
  const exchange = auth.begin("LOGIN", from)!;
  assert.equal(await challenge(exchange), "Username:");
  assert.equal(await challenge(exchange, user), "Password:");
  const step = await exchange.next(bytes(password));
  assert.ok(step.done);
  return step.login;
}

/** A client in TLS whose channel is as given. */
export function tlsClient(
  bindings: Partial<Record<BindingType, Uint8Array>>,
  more: Partial<TlsFacts> & { remote?: string } = {},
): Client {
  const { remote = client.remote, ...facts } = more;
  const tls: TlsFacts = {
    version: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    resumed: false,
    bindings: Object.keys(bindings) as BindingType[],
    binding: (type) => bindings[type],
    ...facts,
  };
  return { remote, secure: true, scope: "imap", tls };
}
