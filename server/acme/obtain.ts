/**
 * One certificate for one name, from the order to the chain (RFC 8555 §7.4).
 *
 * Invariant: the order's key, and then its URL, are saved before they are needed; so an attempt that was cut off is taken up where it
 * ended, and no certificate is ordered twice because of a restart or a full disk.
 */
import { setTimeout as pause } from "node:timers/promises";
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { ChallengeType } from "../config/challengetypes.ts";
import type { KeyPair } from "../config/tls.ts";
import { type Authority, type Authorization, type Challenge, failure, type Order, type Read } from "./authority.ts";
import { certificateRequest, challengeCertificate, newKey } from "./certificates.ts";
import type { Challenges } from "./challenges.ts";
import { keyAuthorization } from "./connection.ts";
import { AcmeError } from "./errors.ts";
import type { NameState } from "./folder.ts";

export interface Obtaining {
  readonly name: string;
  readonly directory: string;
  readonly authority: Authority;
  readonly challenges: Challenges;
  /** Those that can be answered, the one to try first. */
  readonly types: readonly ChallengeType[];
  /** The certificate that the new one follows, by its identifier (RFC 9773 §5). */
  readonly replaces: string | undefined;
  readonly signal: AbortSignal;
  /** The order that an earlier attempt began. */
  readonly order: NameState["order"];
  /** Keeps how far the order is; undefined: it is over. @throws when it cannot be kept */
  save(order: NameState["order"]): void;
}

/** What stands for our answer in paths (RFC 8555 §8.1: base64url, 128 bits or more). */
const TOKEN = /^[A-Za-z0-9_-]{1,256}$/;

/** How long an authority may take to decide. */
const DECISION_MS = 300_000;
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 8000;
/** An authority that asks to be left alone for longer is waited for no longer; the order goes on at the next attempt. */
const LONGEST_PAUSE_MS = 60_000;

/** @throws {AcmeError} the authority does not issue it; other errors where it cannot be kept */
export async function obtain(task: Obtaining): Promise<KeyPair> {
  const { authority, signal, save } = task;
  const { url, key, ...begun } = await resume(task) ?? await begin(task);
  let { order } = begun;

  if (order.status === "pending") {
    for (const authorization of order.authorizations) await authorize(task, authorization);
    order = await settled(() => authority.order(url), ({ status }) => status !== "pending", signal);
  }
  if (order.status === "ready") {
    const first = await authority.finalize(order.finalize, await certificateRequest(task.name, key));
    order = await settled(
      () => authority.order(url),
      ({ status }) => status !== "processing" && status !== "ready",
      signal,
      first,
    );
  } else if (order.status === "processing") {
    order = await settled(() => authority.order(url), ({ status }) => status !== "processing", signal);
  }
  if (order.status !== "valid" || order.certificate === undefined) {
    save(undefined);
    throw failure("the order failed", order.error);
  }
  const cert = await authority.certificate(order.certificate);
  const fault = unusable(cert, key);
  if (fault === undefined) return { cert, key };
  save(undefined);
  throw new AcmeError(fault);
}

interface Begun {
  readonly url: string;
  readonly key: string;
  readonly order: Order;
}

/** The order that an earlier attempt began, as far as it still leads to a certificate. */
async function resume({ authority, directory, order: saved }: Obtaining): Promise<Begun | undefined> {
  if (saved?.url === undefined || saved.directory !== directory) return undefined;
  try {
    const { value: order } = await authority.order(saved.url);
    return order.status === "invalid" ? undefined : { url: saved.url, key: saved.key, order };
  } catch (error) {
    // Authorities forget old orders; one that cannot be asked throws on.
    if (error instanceof AcmeError && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  }
}

async function begin({ authority, directory, name, replaces, save }: Obtaining): Promise<Begun> {
  const key = await newKey();
  save({ directory, key });
  const { url, order } = await orderFollowing(authority, name, replaces);
  save({ directory, key, url });
  return { url, key, order };
}

/** That an order follows another certificate is a courtesy: without it the order is made too. */
async function orderFollowing(authority: Authority, name: string, replaces: string | undefined) {
  if (replaces === undefined || authority.directory.renewalInfo === undefined) return await authority.newOrder(name);
  try {
    return await authority.newOrder(name, replaces);
  } catch (error) {
    const replacesAtFault = error instanceof AcmeError && ["alreadyReplaced", "malformed"].includes(error.type);
    if (!replacesAtFault) throw error;
    return await authority.newOrder(name);
  }
}

async function authorize(task: Obtaining, url: string): Promise<void> {
  const { authority, save, signal } = task;
  const { value: authorization } = await authority.authorization(url);
  if (authorization.status === "valid") return;
  const challenge = chosen(task, authorization);
  const stopAnswering = await answer(task, challenge);
  try {
    if (challenge.status === "pending") await authority.respond(challenge.url);
    const { status, challenges } = await settled(
      () => authority.authorization(url),
      (value) => value.status !== "pending",
      signal,
    );
    if (status === "valid") return;
    save(undefined);
    const { type } = challenge;
    throw failure(`${type} failed`, challenges.find((other) => other.type === type)?.error);
  } finally {
    stopAnswering();
  }
}

function chosen({ types, name }: Obtaining, { identifier, challenges }: Authorization): Challenge & { token: string } {
  if (identifier.type !== "dns" || identifier.value.toLowerCase() !== name) {
    throw new AcmeError(`the authority asks about ${identifier.value}, which was not ordered`);
  }
  // One under way is gone on with: the authority may be visiting already.
  const begun = challenges.filter(({ status }) => status === "processing");
  for (const type of types) {
    const found = begun.find((challenge) => challenge.type === type) ??
      (begun.length === 0 ? challenges.find((challenge) => challenge.type === type) : undefined);
    if (found?.token !== undefined && TOKEN.test(found.token)) return { ...found, token: found.token };
  }
  const offered = challenges.map(({ type }) => type).join(", ");
  throw new AcmeError(`the authority offers ${offered || "no challenge"}, and here is ${types.join(", ")}`);
}

/** Puts the answer in its place. @returns what takes it away */
async function answer(
  { authority, challenges, name }: Obtaining,
  { type, token }: Challenge & { token: string },
): Promise<() => void> {
  const proof = await keyAuthorization(token, authority.key.jwk);
  return type === "http-01"
    ? challenges.answerHttp(token, proof)
    : challenges.answerTls(name, await challengeCertificate(name, proof));
}

/** Asks until the answer is final. @throws {AcmeError} it takes too long */
async function settled<T>(
  ask: () => Promise<Read<T>>,
  final: (value: T) => boolean,
  signal: AbortSignal,
  first?: Read<T>,
): Promise<T> {
  const deadline = performance.now() + DECISION_MS;
  let step = FIRST_PAUSE_MS;
  for (let read = first ?? await ask();; read = await ask()) {
    if (final(read.value)) return read.value;
    const wait = Math.max(read.retryAfter ?? step, FIRST_PAUSE_MS);
    if (wait > LONGEST_PAUSE_MS || performance.now() + wait > deadline) {
      throw new AcmeError("the authority has not decided yet", { retryAfter: wait });
    }
    await pause(wait, undefined, { signal });
    step = Math.min(step * 2, LAST_PAUSE_MS);
  }
}

function unusable(cert: string, key: string): string | undefined {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
      ? undefined
      : "the authority's certificate is for another key";
  } catch {
    return "the authority's certificate cannot be read";
  }
}
