/**
 * `dataDir/acme`: accounts, certificates and how each name fares, so that a restart orders nothing anew.
 *
 * Invariants: files are for the owner alone; a file is written under another name, flushed, and renamed; key and certificate are one
 * file, so that nobody reads one of each. Names in paths have been validated as host names.
 */
import { createHash, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import { makeFolder, syncFolder } from "../../store/sqlite/folders.ts";
import { reason } from "../reason.ts";
import { type KeyPair, readKeyPair } from "../config/tls.ts";
import type { Validity } from "./schedule.ts";

const log = getLogger(["roost", "acme"]);

/** Times are milliseconds since 1970. */
const state = z.object({
  /** The directory of the authority that the certificate is from. */
  directory: z.string().optional(),
  /** When the certificate is due for renewal. */
  renewAt: z.number().optional(),
  /** When the authority is to be asked whether it would like another time. */
  askAt: z.number().optional(),
  /** Attempts that failed since the last that did not. */
  failures: z.int().default(0),
  lastAttempt: z.number().optional(),
  lastError: z.string().optional(),
  /** No attempt before this, since one failed. */
  nextAttempt: z.number().optional(),
  /** The order under way: its certificate's key, and where it is once it was made. */
  order: z.object({ directory: z.string(), key: z.string(), url: z.string().optional() }).optional(),
});
/** How a name fares. */
export type NameState = z.output<typeof state>;

const account = z.object({ key: z.string(), url: z.string().optional(), email: z.string().optional() });
/** `key` is PEM text. `url` is there once the account was registered, with `email`. */
export type SavedAccount = z.output<typeof account>;

export interface Certificate extends Validity {
  readonly pair: KeyPair;
}

const TEMPORARY = ".new-";

export class AcmeFolder {
  readonly path: string;
  readonly #certificates: string;
  readonly #accounts: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, "acme");
    this.#certificates = join(this.path, "certificates");
    this.#accounts = join(this.path, "accounts");
  }

  /**
   * The right to order, for one process at a time; it ends with the file or the process.
   * @returns undefined: another process has it @throws the system's error when the directory cannot be written
   */
  lock(): Deno.FsFile | undefined {
    for (const folder of [this.#certificates, this.#accounts]) makeFolder(folder);
    const file = Deno.openSync(join(this.path, "lock"), { write: true, create: true, mode: 0o600 });
    try {
      if (file.tryLockSync(true)) {
        for (const folder of [this.#certificates, this.#accounts]) removeTemporary(folder);
        return file;
      }
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return undefined;
  }

  /** The certificate for a name with its key; undefined where there is none that can be used. */
  async certificate(name: string): Promise<Certificate | undefined> {
    const file = this.#file(name, "pem");
    if (!exists(file)) return undefined;
    try {
      const pair = await readKeyPair({ cert: file, key: file });
      return { pair, ...validityOf(pair.cert) };
    } catch (error) {
      log.error("the certificate of {name} cannot be used: {error}", { name, error: reason(error) });
      return undefined;
    }
  }

  /** @throws {Error} it is not this name's, or not this key's, or cannot be written */
  saveCertificate(name: string, pair: KeyPair): Certificate {
    const certificate = new X509Certificate(pair.cert);
    if (certificate.checkHost(name) === undefined) throw new Error(`the authority's certificate is not for ${name}`);
    write(this.#file(name, "pem"), pair.cert + pair.key);
    return { pair, ...validityOf(pair.cert) };
  }

  /** Where it changes, the certificate was replaced. */
  stamp(name: string): string {
    try {
      const { ino, mtime } = Deno.statSync(this.#file(name, "pem"));
      return `${ino}/${mtime?.getTime()}`;
    } catch {
      return "";
    }
  }

  state(name: string): NameState {
    return readJson(this.#file(name, "json"), state) ?? { failures: 0 };
  }

  /** @throws the system's error */
  saveState(name: string, value: NameState): void {
    write(this.#file(name, "json"), JSON.stringify(value, undefined, 2) + "\n");
  }

  /** The account at an authority. */
  account(directory: string): SavedAccount | undefined {
    return readJson(this.#accountFile(directory), account);
  }

  /** @throws the system's error */
  saveAccount(directory: string, value: SavedAccount): void {
    write(this.#accountFile(directory), JSON.stringify(value, undefined, 2) + "\n");
  }

  /** Asks the process that orders to order for this name now. @throws the system's error */
  demand(name: string): void {
    write(this.#file(name, "renew"), "");
  }

  /** Whether that was asked; only once. */
  takeDemand(name: string): boolean {
    const file = this.#file(name, "renew");
    if (!exists(file)) return false;
    Deno.removeSync(file);
    return true;
  }

  #file(name: string, extension: string): string {
    return join(this.#certificates, `${name}.${extension}`);
  }

  #accountFile(directory: string): string {
    const { hostname } = new URL(directory);
    const digest = createHash("sha256").update(directory).digest("hex").slice(0, 16);
    return join(this.#accounts, `${hostname.replaceAll(/[^a-z0-9.-]/g, "_")}-${digest}.json`);
  }
}

function validityOf(cert: string): Validity {
  const { validFrom, validTo } = new X509Certificate(cert);
  return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
}

function exists(file: string): boolean {
  try {
    Deno.statSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** undefined: there is none, or none that can be understood. */
function readJson<T>(file: string, shape: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    log.error("{file} is damaged and passed over", { file });
    return undefined;
  }
}

function write(file: string, text: string): void {
  const folder = join(file, "..");
  makeFolder(folder);
  const temporary = join(folder, `${TEMPORARY}${crypto.randomUUID()}`);
  try {
    {
      using opened = Deno.openSync(temporary, { write: true, createNew: true, mode: 0o600 });
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += opened.writeSync(bytes.subarray(at));
      opened.syncSync();
    }
    Deno.renameSync(temporary, file);
  } catch (error) {
    if (exists(temporary)) Deno.removeSync(temporary);
    throw error;
  }
  syncFolder(folder);
}

/** What a killed process left. Only the holder of the lock writes here, but for demands, which are then made again. */
function removeTemporary(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) {
    if (name.startsWith(TEMPORARY)) Deno.removeSync(join(folder, name));
  }
}
