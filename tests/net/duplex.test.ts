import { strict as assert } from "node:assert";
import { duplex, type Endpoint } from "../../server/net/duplex.ts";
import { ConnectionEnd } from "../../server/net/framing.ts";
import { readChunks } from "./support.ts";

const KIB = 1024;

/** Gives reads of the given sizes, then the end; notes how large the buffers were. */
function scripted(sizes: readonly number[]): Endpoint & { readonly offered: number[]; closed: number } {
  const left = [...sizes];
  const offered: number[] = [];
  return {
    offered,
    closed: 0,
    async read(into) {
      offered.push(into.length);
      const size = left.shift();
      if (size === undefined) return null;
      const count = Math.min(size, into.length);
      into.fill(65, 0, count);
      return count;
    },
    write: async (bytes) => bytes.length,
    close() {
      this.closed++;
    },
  };
}

Deno.test("nothing is read before somebody asks", async () => {
  const endpoint = scripted([10]);
  const { readable, abort } = duplex(endpoint);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(endpoint.offered, []);
  await readable.cancel();
  abort();
});

Deno.test("the buffer grows while reads fill it and is small again after a small one", async () => {
  const endpoint = scripted([KIB / 2, 8 * KIB, 64 * KIB, 50 * KIB, 10, 10]);
  const { readable, abort } = duplex(endpoint);
  const chunks = await readChunks(readable);
  assert.deepEqual(endpoint.offered.slice(0, 5).map((size) => size / KIB), [0.5, 8, 64, 64, 64]);
  assert(endpoint.offered[5] <= KIB / 2);
  assert.equal(chunks.length, 6);
  abort();
});

Deno.test("chunks do not share bytes, also when they share a buffer", async () => {
  let next = 0;
  const { readable, abort } = duplex({
    ...scripted([]),
    read: async (into) => {
      if (next === 100) return null;
      into.fill(next++, 0, 50);
      return 50;
    },
  });
  const chunks = await readChunks(readable);
  for (const [at, chunk] of chunks.entries()) assert.deepEqual(chunk, new Uint8Array(50).fill(at));
  assert(new Set(chunks.map(({ buffer }) => buffer)).size < 20);
  abort();
});

Deno.test("a partial write is completed", async () => {
  const written: number[] = [];
  const { writable } = duplex({
    ...scripted([]),
    write: async (bytes) => {
      const count = Math.min(bytes.length, 3);
      written.push(...bytes.subarray(0, count));
      return count;
    },
  });
  await writable.write(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]));
  assert.deepEqual(written, [1, 2, 3, 4, 5, 6, 7, 8]);
  await writable.close();
});

Deno.test("faults below are ConnectionEnd, on both sides", async () => {
  const endpoint: Endpoint = {
    read: () => Promise.reject(new Deno.errors.ConnectionReset("reset")),
    write: () => Promise.reject(new Deno.errors.BrokenPipe("broken")),
    close() {
      throw new Deno.errors.BadResource("closed");
    },
  };
  const { readable, writable } = duplex(endpoint);
  await assert.rejects(readable.read(), ConnectionEnd);
  await assert.rejects(writable.write(new Uint8Array(1)), ConnectionEnd);
});

Deno.test("the connection is closed once, whatever ends it", async () => {
  const endpoint = scripted([]);
  const { readable, writable, abort } = duplex(endpoint);
  await writable.write(new Uint8Array(1));
  await writable.close();
  await readable.cancel();
  abort();
  abort();
  assert.equal(endpoint.closed, 1);
});

Deno.test("an abort of the writing side ends a write that hangs", async () => {
  const hanging = Promise.withResolvers<number>();
  const endpoint = {
    ...scripted([]),
    write: () => hanging.promise,
    close: () => hanging.reject(new Deno.errors.BadResource("closed")),
  };
  const { writable } = duplex(endpoint);
  const writing = assert.rejects(writable.write(new Uint8Array(1)));
  writable.abort(new ConnectionEnd());
  await writing;
});
