/**
 * The bell of one thread. Its listeners are called from a microtask; other threads of the process hear over ports (bellsiblings.ts), other
 * processes with the same data folder over Unix sockets. Ringing never waits and never throws, and no number of rings takes more than bounded memory: a ring
 * that may have been lost becomes one that says "look everywhere".
 *
 * No ring is missed between a listener's start and its first look: the socket is there before `listen` returns, and whoever
 * commits later reads the folder later.
 */
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import type { AccountId, ModSeq } from "../types.ts";
import type { Bell, Ring } from "../changes.ts";
import { BackgroundTimer } from "./background.ts";
import { BellEar } from "./bellear.ts";
import { PendingRings } from "./belllines.ts";
import { BellPeer } from "./bellpeer.ts";
import { openSocket, runFolder, socketNames } from "./bellrun.ts";
import { BellSiblings, type Siblings } from "./bellsiblings.ts";

/** A folder changed less than this many milliseconds before it was read may change again without a new time. */
const CLOCK_GRAIN = 50;

/** Least time between two looks for other processes, in milliseconds; what is rung meanwhile goes to them together. */
const LOOK_GAP = 10;

/** Longest that `close` waits for other processes to take what was rung, in milliseconds. */
const CLOSE_WAIT = 1000;

const log = getLogger(["roost", "store", "bell"]);

/**
 * Opens the bell of a data folder. Nothing is made on disk until somebody listens or rings.
 * @param siblings where several threads of a process have bells
 */
export function openBell(dataDir: string, siblings?: Siblings): Bell & { close(): Promise<void> } {
  return new SocketBell(dataDir, siblings);
}

class SocketBell implements Bell {
  readonly #dataDir: string;
  readonly #listeners = new Map<AccountId, Set<(ring: Ring) => void>>();
  readonly #listenersToAll = new Set<(ring: Ring) => void>();
  readonly #siblings: BellSiblings | undefined;
  /** Rung here, for listeners here, for other threads, and for other processes. */
  readonly #near = new PendingRings();
  readonly #far = new PendingRings();
  readonly #away = new PendingRings();
  readonly #peers = new Map<string, BellPeer>();
  #flushDue = false;
  #folder: string | undefined;
  /** Modification time of the folder when `#peers` was read from it, where that can be relied on. */
  #seen: number | undefined;
  /** When other processes were looked for last, on the clock of performance.now(). */
  #lookedAt = -Infinity;
  readonly #look = new BackgroundTimer(async () => this.#ringAway());
  #ear: BellEar | undefined;
  #broken = false;
  #closed = false;

  constructor(dataDir: string, siblings: Siblings | undefined) {
    this.#dataDir = dataDir;
    this.#siblings = siblings && new BellSiblings(siblings, (rings) => this.#hear(rings));
  }

  listen(account: AccountId, heard: (ring: Ring) => void): () => void {
    this.#openEar();
    // A wrapper, so that one function that listens twice is heard twice and ends on its own.
    const listener = (ring: Ring) => heard(ring);
    const listeners = this.#listeners.get(account) ?? new Set();
    this.#listeners.set(account, listeners.add(listener));
    this.#siblings?.listens(account, 1);
    return () => {
      if (!listeners.delete(listener)) return;
      this.#siblings?.listens(account, -1);
      if (listeners.size === 0 && this.#listeners.get(account) === listeners) this.#listeners.delete(account);
    };
  }

  listenAll(heard: (ring: Ring) => void): () => void {
    this.#openEar();
    const listener = (ring: Ring) => heard(ring);
    this.#listenersToAll.add(listener);
    this.#siblings?.listens(undefined, 1);
    return () => {
      if (this.#listenersToAll.delete(listener)) this.#siblings?.listens(undefined, -1);
    };
  }

  ring(ring: Ring): void {
    if (this.#closed) return;
    this.#near.add(ring);
    this.#far.add(ring);
    if (this.#flushDue) return;
    this.#flushDue = true;
    queueMicrotask(() => {
      this.#flushDue = false;
      this.#ringFar();
      this.#ringNear();
    });
  }

  /** Waits until other threads and processes have what was rung, a second at most. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.clear();
    this.#listenersToAll.clear();
    this.#ringFar();
    this.#ringAway();
    await this.#look.stop();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise((resolve) => timer = setTimeout(resolve, CLOSE_WAIT));
    const flushed = [...this.#peers.values()].map((peer) => peer.flushed());
    await Promise.race([Promise.all([...flushed, this.#siblings?.flushed()]), enough]);
    clearTimeout(timer);
    this.#siblings?.close();
    for (const peer of this.#peers.values()) peer.close();
    if (this.#ear !== undefined && this.#folder !== undefined) {
      remove(join(this.#folder, this.#ear.socket.name));
      await this.#ear.close();
    }
  }

  #ringNear(): void {
    this.#hear(this.#near.take());
  }

  #hear(rings: readonly Ring[] | "everywhere"): void {
    if (rings === "everywhere") this.#tellAll();
    else for (const ring of rings) this.#tell(ring);
  }

  #tellAll(): void {
    for (const account of [...this.#listeners.keys()]) {
      this.#call(this.#listeners.get(account), { account, mailboxes: [], modseq: 0 as ModSeq });
    }
    this.#call(this.#listenersToAll, { account: 0 as AccountId, mailboxes: [], modseq: 0 as ModSeq });
  }

  #tell(ring: Ring): void {
    this.#call(this.#listeners.get(ring.account), ring);
    this.#call(this.#listenersToAll, ring);
  }

  #call(listeners: ReadonlySet<(ring: Ring) => void> | undefined, ring: Ring): void {
    for (const heard of [...listeners ?? []]) {
      try {
        heard(ring);
      } catch (error) {
        log.error("A listener failed: {error}", { error, account: ring.account });
      }
    }
  }

  #ringFar(): void {
    if (this.#far.empty) return;
    const rings = this.#far.take();
    this.#siblings?.ring(rings);
    this.#away.addAll(rings);
    const wait = this.#lookedAt + LOOK_GAP - performance.now();
    if (wait > 0) this.#look.start(wait);
    else this.#ringAway();
  }

  /** Tells other processes. A look for them is a system call, which every commit would have to wait for. */
  #ringAway(): void {
    if (this.#away.empty) return;
    const rings = this.#away.take();
    this.#lookedAt = performance.now();
    try {
      this.#findPeers();
      for (const peer of this.#peers.values()) {
        if (rings === "everywhere") peer.ringEverywhere();
        else for (const ring of rings) peer.ring(ring);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #findPeers(): void {
    this.#folder ??= runFolder(this.#dataDir);
    const changed = Deno.statSync(this.#folder).mtime?.getTime() ?? 0;
    if (changed === this.#seen) return;
    const names = new Set(socketNames(this.#folder));
    if (this.#ear !== undefined) names.delete(this.#ear.socket.name);
    for (const name of names) if (this.#siblings?.owns(name)) names.delete(name);
    for (const [name, peer] of this.#peers) {
      if (names.has(name)) continue;
      peer.close();
      this.#peers.delete(name);
    }
    for (const name of names) {
      if (!this.#peers.has(name)) this.#peers.set(name, this.#peer(this.#folder, name));
    }
    this.#seen = Math.abs(Date.now() - changed) > CLOCK_GRAIN ? changed : undefined;
  }

  #peer(folder: string, name: string): BellPeer {
    const path = join(folder, name);
    return new BellPeer(path, (refused) => {
      this.#peers.delete(name);
      if (refused) remove(path);
    });
  }

  #openEar(): void {
    if (this.#ear !== undefined || this.#closed) return;
    try {
      this.#folder ??= runFolder(this.#dataDir);
      this.#ear = new BellEar(openSocket(this.#folder, this.#siblings?.mark), (ring) => {
        if (ring === "everywhere") this.#tellAll();
        else this.#tell(ring);
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Without sockets the bell still works within the process, and sessions still find changes when they look. */
  #fail(error: unknown): void {
    if (!this.#broken) log.warn("Other processes cannot be told of changes: {error}", { error });
    this.#broken = true;
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) log.warn("Could not remove {path}: {error}", { path, error });
  }
}
