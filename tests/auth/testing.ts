/** A directory in memory, and an authenticator on it whose clock stands still. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { Authenticator, AuthError, type AuthFault, type Client, type SaslExchange } from "../../auth/authenticator.ts";
import { deriveCredentials } from "../../auth/secrets.ts";
import { openDirectory } from "../../store/sqlite/directory.ts";
import type { Directory } from "../../store/store.ts";

export const LIMITS = { failuresPerMinute: 10, failuresPerDay: 50 };
export const ALICE = "alice@example.org";
export const PASSWORD = "pencil";
export const client: Client = { remote: "192.0.2.1", secure: true };

/** Deriving takes its time; one account's secrets serve all tests of a file. */
const secrets = deriveCredentials(PASSWORD);

export interface Scene {
  readonly directory: Directory;
  readonly auth: Authenticator;
  readonly clock: { now: number };
  /** Waits before answers, in milliseconds; nobody really waits. */
  readonly slept: number[];
}

export function authTest(name: string, test: (scene: Scene) => Promise<void>): void {
  Deno.test(name, async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "roost-auth-" });
    const directory = openDirectory(dataDir);
    const clock = { now: 0 };
    const slept: number[] = [];
    try {
      await directory.add([{ address: ALICE, credentials: await secrets }]);
      const auth = new Authenticator(directory, LIMITS, {
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
) {
  const [, nonce, salt, rounds] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst)!;
  const size = hash === "sha256" ? 32 : 20;
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), Number(rounds), size, hash);
  const hmac = (key: Uint8Array, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, "Client Key");
  const withoutProof = `c=${Buffer.from(header).toString("base64")},r=${nonce}`;
  const message = `${bare},${serverFirst},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), message);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i])).toString("base64");
  const verifier = `v=${hmac(hmac(salted, "Server Key"), message).toString("base64")}`;
  return { final: `${withoutProof},p=${proof}`, withoutProof, proof, verifier };
}
