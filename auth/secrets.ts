/**
 * What is kept of a password: SCRAM keys for two hashes, and CRAM-MD5's HMAC states. The password itself is never kept.
 * Key derivation runs off the thread in Web Crypto, so other sessions go on (and several times faster than node:crypto's).
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Credentials } from "../store/store.ts";
import type { Candidate, SecretName } from "./types.ts";
import { cramSecret, packCramSecret } from "./crammd5.ts";
import { checkNewPassword, preparePassword } from "./passwords.ts";

/** PBKDF2 rounds of new secrets; at least 4096 (RFC 7677 §4). */
export const ITERATIONS = 10_000;

const SALT_SIZE = 16;

/** How many derivations stand in the thread pool's queue at once. */
const BATCH = 64;

export interface ScramHash {
  readonly secret: "scram-sha-256" | "scram-sha-1";
  /** Name for node:crypto. */
  readonly digest: "sha256" | "sha1";
  /** Name for Web Crypto. */
  readonly subtle: "SHA-256" | "SHA-1";
  readonly size: number;
}

export const SHA256: ScramHash = { secret: "scram-sha-256", digest: "sha256", subtle: "SHA-256", size: 32 };
export const SHA1: ScramHash = { secret: "scram-sha-1", digest: "sha1", subtle: "SHA-1", size: 20 };

/** What a SCRAM server knows of a user (RFC 5802 §3). */
export interface ScramSecret {
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Salt and iterations, for each hash. All passwords of one account share them. */
export type Salts = Readonly<Record<ScramHash["secret"], Pick<ScramSecret, "salt" | "iterations">>>;

function newSalts(): Salts {
  const salt = () => ({ salt: randomBytes(SALT_SIZE), iterations: ITERATIONS });
  return { "scram-sha-256": salt(), "scram-sha-1": salt() };
}

/** Those that secrets were made with; undefined where they are not complete. */
export function saltsOf(credentials: Credentials): Salts | undefined {
  const { "scram-sha-256": sha256, "scram-sha-1": sha1 } = credentials;
  if (sha256 === undefined || sha1 === undefined) return undefined;
  const salting = ({ salt, iterations }: ScramSecret) => ({ salt, iterations });
  return { "scram-sha-256": salting(unpackScramSecret(sha256)), "scram-sha-1": salting(unpackScramSecret(sha1)) };
}

export interface DeriveOptions {
  /** Those of the account's other passwords; new ones without. */
  readonly salts?: Salts;
}

/** All secrets of a new password. @throws {RangeError} for a password that cannot be used, saying why. */
export async function deriveCredentials(password: string, options: DeriveOptions = {}): Promise<Credentials> {
  checkNewPassword(password);
  const bytes = preparePassword(password);
  const salts = options.salts ?? newSalts();
  const [sha256, sha1] = await Promise.all([SHA256, SHA1].map(async (hash) => {
    const { salt, iterations } = salts[hash.secret];
    return packScramSecret(await scramSecret(hash, bytes, salt, iterations));
  }));
  return { "scram-sha-256": sha256, "scram-sha-1": sha1, "cram-md5": packCramSecret(cramSecret(password)) };
}

/** Secrets of many passwords, in their order; uses every core. @throws {RangeError} as `deriveCredentials`. */
export async function deriveAllCredentials(passwords: readonly string[]): Promise<Credentials[]> {
  const derived: Credentials[] = new Array(passwords.length);
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(BATCH, passwords.length) }, async () => {
    for (let at = next++; at < passwords.length; at = next++) derived[at] = await deriveCredentials(passwords[at]);
  }));
  return derived;
}

export async function scramSecret(
  hash: ScramHash,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
): Promise<ScramSecret> {
  const key = await crypto.subtle.importKey("raw", password.slice(), "PBKDF2", false, ["deriveBits"]);
  const parameters = { name: "PBKDF2", hash: hash.subtle, salt: salt.slice(), iterations };
  const salted = new Uint8Array(await crypto.subtle.deriveBits(parameters, key, hash.size * 8));
  const clientKey = hmac(hash, salted, "Client Key");
  return { iterations, salt, storedKey: digest(hash, clientKey), serverKey: hmac(hash, salted, "Server Key") };
}

/**
 * The candidate that was made of `password` and admits; always the full work: each is compared, and a key is derived for each
 * salt among them, which is one.
 */
export async function matchingSecret(
  hash: ScramHash,
  candidates: readonly Candidate[],
  password: string,
): Promise<Candidate | undefined> {
  const bytes = preparePassword(password);
  const derived = new Map<string, Uint8Array>();
  let matching: Candidate | undefined;
  for (const candidate of candidates) {
    const { salt, iterations, storedKey } = unpackScramSecret(candidate.secret);
    const salting = `${iterations} ${base64(salt)}`;
    const tried = derived.get(salting) ?? (await scramSecret(hash, bytes, salt, iterations)).storedKey;
    derived.set(salting, tried);
    if (equalBytes(tried, storedKey) && candidate.admits) matching = candidate;
  }
  return matching;
}

export function packScramSecret(secret: ScramSecret): string {
  return JSON.stringify({
    iterations: secret.iterations,
    salt: base64(secret.salt),
    storedKey: base64(secret.storedKey),
    serverKey: base64(secret.serverKey),
  });
}

export function unpackScramSecret(text: string): ScramSecret {
  const { iterations, salt, storedKey, serverKey } = JSON.parse(text);
  return { iterations, salt: fromBase64(salt), storedKey: fromBase64(storedKey), serverKey: fromBase64(serverKey) };
}

/**
 * The secret of a user who does not exist: the same for the same name each time, and nothing that a client could tell from a
 * real one. `serverKey` is the server's own random secret.
 */
export function madeUpSecret(serverKey: string, mechanism: SecretName, user: string): string {
  const part = (name: string) => createHmac("sha512", serverKey).update(`${name}\0${mechanism}\0${user}`).digest();
  const [salt, keys] = [part("salt").subarray(0, SALT_SIZE), part("keys")];
  if (mechanism === "cram-md5") return packCramSecret({ inner: keys.subarray(0, 16), outer: keys.subarray(16, 32) });
  const { size } = mechanism === "scram-sha-1" ? SHA1 : SHA256;
  const halves = { storedKey: keys.subarray(0, size), serverKey: keys.subarray(32, 32 + size) };
  return packScramSecret({ iterations: ITERATIONS, salt, ...halves });
}

export function hmac(hash: ScramHash, key: Uint8Array, message: string | Uint8Array): Uint8Array {
  return createHmac(hash.digest, key).update(message).digest();
}

export function digest(hash: ScramHash, bytes: Uint8Array): Uint8Array {
  return createHash(hash.digest).update(bytes).digest();
}

/** Takes the same time wherever the first difference is. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
