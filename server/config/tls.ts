/**
 * Certificates and their keys: read from the configured files and again when they change, or self-signed and kept in the data
 * directory. A pair is taken only when both parse and belong together, so a half-written renewal never reaches a client.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { reason } from "../reason.ts";
import type { CertificateSource } from "../net/tls/engine.ts";
import type { PairFiles } from "./pairfiles.ts";
import type { Config } from "./schema.ts";

const log = getLogger(["roost", "tls"]);

/** PEM texts: the certificate with its chain, and its private key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Why a pair cannot be used; `part` is the file at fault. */
export class KeyPairError extends Error {
  override readonly name = "KeyPairError";
  constructor(readonly part: "cert" | "key", message: string) {
    super(message);
  }
}

/** Reads both files and sees that they fit. @throws {KeyPairError} */
export async function readKeyPair(files: PairFiles): Promise<KeyPair> {
  const cert = pemBlocks(await readPart("cert", files.cert), "CERTIFICATE").join("");
  const key = pemBlocks(await readPart("key", files.key), "PRIVATE KEY")[0] ?? "";
  const certificate = parsePart("cert", files.cert, "holds no PEM certificate", () => new X509Certificate(cert));
  const privateKey = parsePart("key", files.key, "holds no PEM private key", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new KeyPairError("key", `${files.key} is not the key of the certificate ${files.cert}`);
  }
  return { cert, key };
}

/** The blocks whose label ends so ("EC PRIVATE KEY" is a "PRIVATE KEY"), each with its newline. */
function pemBlocks(text: string, label: string): string[] {
  const blocks: string[] = [];
  let block: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const begin = /^-----BEGIN ([A-Z0-9 ]+)-----\s*$/.exec(line);
    if (begin) block = begin[1].endsWith(label) ? [] : undefined;
    block?.push(line.trimEnd());
    if (block && line.startsWith("-----END ")) {
      blocks.push(block.join("\n") + "\n");
      block = undefined;
    }
  }
  return blocks;
}

async function readPart(part: "cert" | "key", file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw new KeyPairError(part, `${file} cannot be read: ${reason(error)}`);
  }
}

function parsePart<T>(part: "cert" | "key", file: string, message: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new KeyPairError(part, `${file} ${message}`);
  }
}

/** The pairs in use, and who wants to hear of new ones. */
export class KeyPairs implements CertificateSource {
  readonly #heard = new Set<() => void>();
  #pairs: readonly KeyPair[];

  /** @param pairs the default first */
  constructor(pairs: readonly KeyPair[]) {
    this.#pairs = pairs;
  }

  get pairs(): readonly KeyPair[] {
    return this.#pairs;
  }

  /** Calls `heard` after each change. Returns what ends it. */
  onChange(heard: () => void): () => void {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  /** Takes a new pair in place of another. */
  replace(at: number, pair: KeyPair): void {
    this.#pairs = this.#pairs.with(at, pair);
    for (const heard of this.#heard) heard();
  }
}

/**
 * Looks at the files every `intervalMs` and gives new pairs to `pairs`, in the same order; ends with `signal`. Stat is asked, not a
 * watch: it sees through links, whichever way the files are renewed. A pair that cannot be used is logged once and looked at again.
 */
export function watchKeyPairs(
  files: readonly PairFiles[],
  pairs: KeyPairs,
  signal: AbortSignal,
  intervalMs = 2000,
): void {
  const looks = files.map((pair, at) => watched(pair, at, pairs, signal));
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    Promise.all(looks.map((look) => look()))
      .catch((error) => log.error("looking at the TLS files failed", { error }))
      .finally(() => looking = false);
  }, intervalMs);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

/** @returns what looks whether the files have changed */
function watched(files: PairFiles, at: number, pairs: KeyPairs, signal: AbortSignal): () => Promise<void> {
  let seen: string | undefined;
  let complaint = "";
  return async () => {
    const now = `${await fingerprint(files.cert)} ${await fingerprint(files.key)}`;
    if (now === seen) return;
    try {
      const pair = await readKeyPair(files);
      // What was read may be newer than the fingerprint; then the next look finds it changed and reads once more.
      seen = now;
      complaint = "";
      const { cert, key } = pairs.pairs[at];
      if (signal.aborted || (pair.cert === cert && pair.key === key)) return;
      pairs.replace(at, pair);
      log.info("TLS certificate read again", { cert: files.cert });
    } catch (error) {
      if (!(error instanceof KeyPairError)) throw error;
      if (error.message !== complaint) {
        log.warning("TLS files changed but cannot be used: {error}", { error: error.message });
      }
      complaint = error.message;
    }
  };
}

async function fingerprint(file: string): Promise<string> {
  try {
    const { ino, size, mtime, ctime } = await Deno.stat(file);
    return `${ino}/${size}/${mtime?.getTime()}/${ctime?.getTime()}`;
  } catch (error) {
    return reason(error);
  }
}

const SELF_SIGNED = "self-signed.pem";
const DAY_MS = 86_400_000;

/** The data directory's own pair, for servers without configured files; made at first use, and anew when it no longer fits. */
export async function selfSignedPair({ dataDir, hostname }: Pick<Config, "dataDir" | "hostname">): Promise<KeyPair> {
  const file = join(dataDir, SELF_SIGNED);
  if (existsSync(file)) {
    try {
      const pair = await readKeyPair({ cert: file, key: file });
      const certificate = new X509Certificate(pair.cert);
      const fits = certificate.checkHost(hostname) !== undefined &&
        Date.parse(certificate.validTo) > Date.now() + DAY_MS;
      if (fits) return pair;
      log.info("the self-signed certificate is out of date, making a new one", { file });
    } catch (error) {
      if (!(error instanceof KeyPairError)) throw error;
      log.warning("the self-signed certificate is unusable, making a new one", { reason: error.message });
    }
  }
  const pair = await makeSelfSigned(hostname);
  const temporary = `${file}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(temporary, pair.cert + pair.key, { mode: 0o600, createNew: true });
  await Deno.rename(temporary, file);
  return pair;
}

/** A certificate for ten years, for `hostname`, localhost and the loopback addresses; ECDSA P-256. */
export async function makeSelfSigned(hostname: string): Promise<KeyPair> {
  await import("reflect-metadata"); // x509 needs it
  const { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const names = [...new Set(["localhost", hostname])].map((value) => ({ type: "dns" as const, value }));
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [hostname] }],
    keys,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    extensions: [
      new SubjectAlternativeNameExtension([
        ...names,
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
    ],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { cert: `${certificate.toString("pem")}\n`, key: `${key}\n` };
}
