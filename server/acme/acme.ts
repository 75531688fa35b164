/**
 * Certificates that come and are renewed by themselves: one for each configured name, so that a name that fails keeps no other from its
 * own.
 *
 * Invariants: one process at a time orders, whoever holds the folder's lock; nothing is ordered but for configured names, nothing that
 * could not be kept, and nothing before the time that the last failure allows, whatever happens in between.
 */
import { setTimeout as pause } from "node:timers/promises";
import { getLogger } from "@logtape/logtape";
import { reason } from "../reason.ts";
import type { AcmeConfig } from "../config/acmeschema.ts";
import type { ChallengeType } from "../config/challengetypes.ts";
import type { KeyPair } from "../config/tls.ts";
import type { CertificateSource } from "../net/tls/engine.ts";
import type { Authority } from "./authority.ts";
import { Challenges } from "./challenges.ts";
import { AcmeError } from "./errors.ts";
import { AcmeFolder, type Certificate, type NameState } from "./folder.ts";
import { earliestTime, latestTime, nextAsking, nextAttempt, renewalTime, suggestedTime } from "./schedule.ts";

const log = getLogger(["roost", "acme"]);

export interface AcmeOptions {
  readonly acme: AcmeConfig;
  readonly dataDir: string;
  /** The certificates that do not come by themselves. */
  readonly others: CertificateSource;
  /** Whether the default certificate is one of those, or the first of ours as soon as it is there. */
  readonly othersFirst: boolean;
  /** How often to look whether something is due, in ms. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 30_000;

export class Acme implements CertificateSource {
  readonly #options: AcmeOptions;
  readonly #folder: AcmeFolder;
  readonly challenges = new Challenges();
  readonly #certificates = new Map<string, Certificate>();
  /** As saved, or as it would be saved if the disk let us; while the lock is held. */
  readonly #states = new Map<string, NameState>();
  readonly #stamps = new Map<string, string>();
  readonly #heard = new Set<() => void>();
  readonly #stopping = new AbortController();
  #types: readonly ChallengeType[] = [];
  #lock: Deno.FsFile | undefined;
  #running: Promise<void> | undefined;
  #complaint = "";

  private constructor(options: AcmeOptions) {
    this.#options = options;
    this.#folder = new AcmeFolder(options.dataDir);
  }

  /** With the certificates that are there; `begin` orders those that are not. */
  static async load(options: AcmeOptions): Promise<Acme> {
    const acme = new Acme(options);
    await acme.#reload();
    return acme;
  }

  get pairs(): readonly KeyPair[] {
    const { others, othersFirst, acme } = this.#options;
    const ours = acme.hostnames.flatMap((name) => this.#certificates.get(name)?.pair ?? []);
    return othersFirst ? [...others.pairs, ...ours] : [...ours, ...others.pairs];
  }

  challenge(serverName: string): KeyPair | undefined {
    return this.challenges.certificate(serverName);
  }

  onChange(heard: () => void): () => void {
    this.#heard.add(heard);
    const forget = this.#options.others.onChange(heard);
    return () => {
      this.#heard.delete(heard);
      forget?.();
    };
  }

  /**
   * From here on certificates are ordered and renewed. The listeners must be open: the authority visits them.
   * @param types the challenges that they can answer, the preferred first
   */
  begin(types: readonly ChallengeType[]): void {
    this.#types = types;
    this.#running ??= this.#run();
  }

  /** Ends what is under way; a later start takes it up again. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#lock?.close();
    this.#lock = undefined;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#round();
        this.#complaint = "";
      } catch (error) {
        // Said once: the disk may be full for days.
        const text = reason(error);
        if (!signal.aborted && text !== this.#complaint) log.error("no certificate can be ordered: {error}", { error });
        this.#complaint = text;
      }
      await pause(this.#options.intervalMs ?? INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #round(): Promise<void> {
    if (!this.#lock) {
      this.#lock = this.#folder.lock();
      await this.#reload();
      if (!this.#lock) return;
      for (const name of this.#options.acme.hostnames) this.#states.set(name, this.#folder.state(name));
    }
    const due = this.#options.acme.hostnames.filter((name) => this.#isDue(name));
    const asked = this.#options.acme.hostnames.filter((name) => !due.includes(name) && this.#isToBeAsked(name));
    if (due.length === 0 && asked.length === 0) return;

    const { connect } = await import("./account.ts");
    let authority: Promise<Authority> | undefined;
    const connected = () => authority ??= connect(this.#options.acme, this.#folder, this.#stopping.signal);
    try {
      for (const name of due) await this.#order(name, connected);
      for (const name of asked) await this.#ask(name, connected);
    } finally {
      (await authority?.catch(() => undefined))?.connection.close();
    }
  }

  /** Reads the certificates that another process, or an earlier run, has brought. */
  async #reload(): Promise<void> {
    let changed = false;
    for (const name of this.#options.acme.hostnames) {
      const stamp = this.#folder.stamp(name);
      if (stamp === (this.#stamps.get(name) ?? "")) continue;
      const certificate = await this.#folder.certificate(name);
      this.#stamps.set(name, stamp);
      if (certificate) this.#certificates.set(name, certificate);
      changed = true;
    }
    if (changed) this.#tell();
  }

  #tell(): void {
    for (const heard of this.#heard) heard();
  }

  #state(name: string): NameState {
    return this.#states.get(name) ?? { failures: 0 };
  }

  /** Keeps the state in memory whatever the disk says. @throws the system's error */
  #save(name: string, state: NameState): void {
    this.#states.set(name, state);
    this.#folder.saveState(name, state);
  }

  #isDue(name: string): boolean {
    if (this.#folder.takeDemand(name)) return true;
    const now = Date.now();
    const { nextAttempt, renewAt, directory } = this.#state(name);
    if (nextAttempt !== undefined && now < nextAttempt) return false;
    const certificate = this.#certificates.get(name);
    if (!certificate) return true;
    if (directory !== undefined && directory !== this.#options.acme.directory) return true;
    return now >= (renewAt ?? renewalTime(certificate, 0));
  }

  #isToBeAsked(name: string): boolean {
    return this.#certificates.has(name) && Date.now() >= (this.#state(name).askAt ?? 0);
  }

  async #order(name: string, connect: () => Promise<Authority>): Promise<void> {
    const { acme } = this.#options;
    const types = this.#types;
    const { directory } = acme;
    const { signal } = this.#stopping;
    const before = this.#state(name);
    try {
      signal.throwIfAborted();
      // First of all, so that nothing is ordered that could not be kept.
      this.#save(name, { ...before, lastAttempt: Date.now() });
      if (types.length === 0) {
        throw new AcmeError("no listener can answer a challenge; `roost config check` tells more");
      }
      const [{ logIn }, { obtain }, { certificateId }] = await Promise.all([
        import("./account.ts"),
        import("./obtain.ts"),
        import("./certificates.ts"),
      ]);
      const authority = await connect();
      await logIn(authority, acme, this.#folder);
      const current = before.directory === directory ? this.#certificates.get(name) : undefined;
      const pair = await obtain({
        name,
        directory,
        authority,
        challenges: this.challenges,
        types: rotated(types, before.failures),
        replaces: current && certificateId(current.pair.cert),
        signal,
        order: before.order,
        save: (order) => this.#save(name, { ...this.#state(name), order }),
      });
      this.#take(name, pair);
    } catch (error) {
      if (signal.aborted) return;
      this.#failed(name, error);
    }
  }

  #take(name: string, pair: KeyPair): void {
    const certificate = this.#folder.saveCertificate(name, pair);
    this.#stamps.set(name, this.#folder.stamp(name));
    this.#certificates.set(name, certificate);
    this.#tell();
    const now = Date.now();
    const renewAt = Math.max(renewalTime(certificate, Math.random()), earliestTime(now, certificate));
    log.info("certificate obtained", { name, expires: iso(certificate.notAfter), renewal: iso(renewAt) });
    if (now < certificate.notBefore || now > certificate.notAfter) {
      log.error("the new certificate of {name} is not valid now: is the clock right?", { name });
    }
    const { directory } = this.#options.acme;
    this.#save(name, { directory, renewAt, askAt: nextAsking(now, undefined), failures: 0, lastAttempt: now });
  }

  #failed(name: string, error: unknown): void {
    const now = Date.now();
    const state = this.#state(name);
    const failures = state.failures + 1;
    const retryAfter = error instanceof AcmeError ? error.retryAfter : undefined;
    const next = nextAttempt(now, failures, retryAfter, Math.random());
    const lastError = reason(error);
    const certificate = this.#certificates.get(name);
    const facts = { name, error: lastError, failures, next: iso(next) };
    if (certificate && now > latestTime(certificate)) {
      const expires = iso(certificate.notAfter);
      log.error("the certificate of {name} expires soon and is not renewed: {error}", { ...facts, expires });
    } else log.warning("no certificate for {name}: {error}", facts);
    try {
      this.#save(name, { ...state, failures, lastError, nextAttempt: next });
    } catch (error) {
      log.error("what became of the order for {name} cannot be kept: {error}", { name, error: reason(error) });
    }
  }

  /** Asks the authority when it would like the renewal (RFC 9773); without an answer all stays as it is. */
  async #ask(name: string, connect: () => Promise<Authority>): Promise<void> {
    const certificate = this.#certificates.get(name);
    const state = this.#state(name);
    if (!certificate || state.directory !== this.#options.acme.directory) return this.#askLater(name, undefined);
    try {
      const { certificateId } = await import("./certificates.ts");
      const id = certificateId(certificate.pair.cert);
      const window = id === undefined ? undefined : await (await connect()).renewalWindow(id);
      if (!window) return this.#askLater(name, undefined);
      const { start, end } = window.value;
      // A time once taken from the window stays, so that it does not wander with each asking.
      const chosen = state.renewAt !== undefined && state.renewAt >= start && state.renewAt <= end;
      if (chosen) return this.#askLater(name, window.retryAfter);
      const renewAt = suggestedTime(certificate, window.value, Math.random());
      if (renewAt !== state.renewAt) {
        log.info("the authority suggests another time for the renewal", { name, renewal: iso(renewAt) });
      }
      this.#askLater(name, window.retryAfter, renewAt);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      if (!(error instanceof AcmeError)) throw error;
      log.debug("the authority suggests no time for the renewal: {error}", { name, error: error.message });
      this.#askLater(name, error.retryAfter);
    }
  }

  #askLater(name: string, retryAfter: number | undefined, renewAt = this.#state(name).renewAt): void {
    this.#save(name, { ...this.#state(name), renewAt, askAt: nextAsking(Date.now(), retryAfter) });
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** Another one is tried after each failure. */
function rotated<T>(types: readonly T[], failures: number): T[] {
  const start = failures % types.length;
  return [...types.slice(start), ...types.slice(0, start)];
}
