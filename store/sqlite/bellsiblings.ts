/**
 * The bell between the threads of one process: a port to each other thread, with one message under way at a time. What is rung meanwhile
 * waits, merged, so a thread that is busy costs a bounded amount and hears everything. (A BroadcastChannel keeps 256 messages for a busy
 * thread, and drops the others without a word.)
 *
 * A thread is told only of accounts that it may listen to. Shared memory says which, in classes of accounts. No ring is missed: who
 * listens counts itself in and then looks; who rings has committed, and then asks who listens.
 *
 * A thread in which only such listen who listen to all accounts is told some time later, of many rings together: a message takes as long
 * as a commit, and they do not answer clients.
 */
import type { Ring } from "../changes.ts";
import type { AccountId } from "../types.ts";
import { BackgroundTimer } from "./background.ts";
import { PendingRings } from "./belllines.ts";

/** What a thread is given to find the others; to be sent with its ports. */
export interface Siblings {
  /** Of this thread, from 0; 255 at most. */
  readonly index: number;
  /** To each other thread, by index. */
  readonly ports: readonly (MessagePort | undefined)[];
  /** Counts of listeners. */
  readonly listeners: SharedArrayBuffer;
  /** Six hexadecimal digits that begin the names of all their sockets. */
  readonly family: string;
}

/** Accounts whose numbers have the same rest are one class; class 0 is for those who listen to all. */
const CLASSES = 1024;

/** For `threads` threads of a process that shall hear each other, one each. */
export function siblings(threads: number): Siblings[] {
  const listeners = new SharedArrayBuffer(threads * CLASSES * 4);
  const family = crypto.randomUUID().slice(0, 6);
  const ports = Array.from({ length: threads }, () => new Array<MessagePort | undefined>(threads).fill(undefined));
  for (let a = 0; a < threads; a++) {
    for (let b = 0; b < a; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a][b] = port1;
      ports[b][a] = port2;
    }
  }
  return ports.map((own, index) => ({ index, ports: own, listeners, family }));
}

/** Until those who listen to all are told, in milliseconds. */
const LATER_MS = 100;

const HEARD = "heard";
const GONE = "gone";
type Message = typeof HEARD | typeof GONE | "everywhere" | Ring[];

export class BellSiblings {
  readonly #counts: Int32Array;
  readonly #links: Link[];

  constructor(readonly own: Siblings, heard: (rings: Ring[] | "everywhere") => void) {
    this.#counts = new Int32Array(own.listeners);
    this.#links = own.ports.flatMap((port, thread) => port ? [new Link(thread, port, heard)] : []);
  }

  /** Marks the socket of this thread. */
  get mark(): string {
    return this.own.family + this.own.index.toString(16).padStart(2, "0");
  }

  /** Whether a socket is one of ours. */
  owns(socket: string): boolean {
    return socket.startsWith(`${Deno.pid}-${this.own.family}`);
  }

  /** @param account undefined: all */
  listens(account: AccountId | undefined, change: 1 | -1): void {
    Atomics.add(this.#counts, place(this.own.index, account), change);
  }

  ring(rings: readonly Ring[] | "everywhere"): void {
    for (const link of this.#links) {
      if (rings === "everywhere") link.ring(rings);
      else {
        for (const ring of rings) {
          if (this.#listens(link.thread, ring.account)) link.ring(ring);
          else if (this.#listens(link.thread, undefined)) link.ringLater(ring);
        }
      }
    }
  }

  #listens(thread: number, account: AccountId | undefined): boolean {
    return Atomics.load(this.#counts, place(thread, account)) > 0;
  }

  /** Resolves when the others have all that was rung. */
  async flushed(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.flushed()));
  }

  close(): void {
    for (const link of this.#links) link.close();
  }
}

function place(thread: number, account: AccountId | undefined): number {
  return thread * CLASSES + (account === undefined ? 0 : 1 + account % (CLASSES - 1));
}

class Link {
  readonly #pending = new PendingRings();
  readonly #later = new PendingRings();
  readonly #timer = new BackgroundTimer(async () => this.#ringDue());
  #underway: PromiseWithResolvers<void> | undefined;
  #gone = false;

  constructor(readonly thread: number, readonly port: MessagePort, heard: (rings: Ring[] | "everywhere") => void) {
    port.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data === HEARD) this.#heard();
      else if (data === GONE) this.#end();
      else {
        port.postMessage(HEARD);
        heard(data);
      }
    };
  }

  ring(ring: Ring | "everywhere"): void {
    if (this.#gone) return;
    if (ring === "everywhere") this.#pending.addEverywhere();
    else this.#pending.add(ring);
    if (!this.#underway) this.#send();
  }

  ringLater(ring: Ring): void {
    if (this.#gone) return;
    this.#later.add(ring);
    this.#timer.start(LATER_MS);
  }

  #ringDue(): void {
    if (this.#gone || this.#later.empty) return;
    this.#pending.addAll(this.#later.take());
    if (!this.#underway) this.#send();
  }

  #send(): void {
    this.#underway = Promise.withResolvers();
    this.port.postMessage(this.#pending.take() satisfies Message);
  }

  #heard(): void {
    const { resolve } = this.#underway ?? {};
    this.#underway = undefined;
    if (!this.#pending.empty) this.#send();
    resolve?.();
  }

  async flushed(): Promise<void> {
    await this.#timer.stop();
    this.#ringDue();
    while (this.#underway) await this.#underway.promise;
  }

  close(): void {
    if (this.#gone) return;
    this.port.postMessage(GONE);
    this.#end();
  }

  #end(): void {
    this.#gone = true;
    this.port.close();
    this.#underway?.resolve();
    this.#underway = undefined;
  }
}
