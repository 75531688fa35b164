/** Streams in the tests' hands. */
import type { ByteSink, ByteSource } from "../../server/net/bytes.ts";
import { ConnectionEnd } from "../../server/net/framing.ts";

export const bytes = (text: string) => new TextEncoder().encode(text);
export const text = (some: Uint8Array) => new TextDecoder().decode(some);

/** Long enough never to pass in a test. */
export const PATIENCE = 60_000;

export interface Feed {
  readonly readable: ByteSource;
  send(...chunks: (string | Uint8Array)[]): void;
  end(): void;
  fail(error: unknown): void;
  readonly cancelled: boolean;
}

/** A stream of the Web as ours. */
export function sourceOf(readable: ReadableStream<Uint8Array>): ByteSource {
  const reader = readable.getReader();
  return {
    read: async () => (await reader.read()).value,
    cancel: () => reader.cancel().catch(() => {}), // what has failed has nothing left to stop
  };
}

/** A stream that gives what the test sends. */
export function feed(...chunks: (string | Uint8Array)[]): Feed {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let cancelled = false;
  const readable = sourceOf(
    new ReadableStream<Uint8Array>({
      start: (c) => void (controller = c),
      cancel: () => void (cancelled = true),
    }, { highWaterMark: 0 }),
  );
  const self: Feed = {
    readable,
    send: (...more) => more.forEach((chunk) => controller.enqueue(typeof chunk === "string" ? bytes(chunk) : chunk)),
    end: () => controller.close(),
    fail: (error) => controller.error(error),
    get cancelled() {
      return cancelled;
    },
  };
  self.send(...chunks);
  return self;
}

/** A stream of one chunk for each piece of the text, as a slow network would bring it. */
export function pieces(whole: Uint8Array, size: number): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let at = 0; at < whole.length; at += size) all.push(whole.slice(at, at + size));
  return all;
}

export interface Drain {
  readonly writable: ByteSink;
  readonly written: Uint8Array[];
  readonly state: "open" | "closed" | "aborted";
  /** From now on a write does not end before `release`. */
  stall(): void;
  release(): void;
  fail(error: Error): void;
}

/** A stream that keeps what is written. */
export function drain(): Drain {
  const written: Uint8Array[] = [];
  let state: Drain["state"] = "open";
  let gate: PromiseWithResolvers<void> | undefined;
  const writable: ByteSink = {
    async write(chunk) {
      await gate?.promise;
      written.push(chunk);
    },
    async close() {
      state = "closed";
    },
    abort() {
      if (state !== "open") return;
      state = "aborted";
      gate?.reject(new ConnectionEnd());
    },
  };
  return {
    writable,
    written,
    get state() {
      return state;
    },
    stall() {
      gate = Promise.withResolvers<void>();
      gate.promise.catch(() => {});
    },
    release() {
      gate?.resolve();
      gate = undefined;
    },
    fail: (error) => gate?.reject(error),
  };
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Reads a stream to its end. */
export async function readAll(readable: ByteSource): Promise<Uint8Array> {
  return joined(await readChunks(readable));
}

/** The same, as it comes. */
export async function readChunks(readable: ByteSource): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let chunk; (chunk = await readable.read());) chunks.push(chunk);
  return chunks;
}

/** A generator of bytes that zlib cannot compress, the same in each run. */
export function noise(size: number): Uint8Array {
  const all = new Uint8Array(size);
  let state = 0x9e3779b9;
  for (let at = 0; at < size; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    all[at] = state;
  }
  return all;
}
