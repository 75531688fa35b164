/** Two transports that are each other's peer, for tests. Bytes wait in the pair until they are read: at most 64 chunks each way, and a peer that does not read stops the other. */
import { ConnectionEnd } from "./faults.ts";
import type { Transport } from "./transport.ts";

interface Pipe {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  abort(): void;
}

export function memoryPair(): [Transport, Transport] {
  const there = pipe();
  const back = pipe();
  const abort = () => {
    there.abort();
    back.abort();
  };
  const common = { remote: "local", secure: true, abort };
  return [
    { ...common, readable: back.readable, writable: there.writable },
    { ...common, readable: there.readable, writable: back.writable },
  ];
}

function pipe(): Pipe {
  let abort = () => {};
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    {
      start(controller) {
        abort = () => controller.error(new ConnectionEnd());
      },
      flush() {
        // An end in order: as with a socket, what was written before it can still be read.
        abort = () => {};
      },
      // As a socket does: when a write has ended, its bytes may be changed.
      transform: (chunk, controller) => controller.enqueue(chunk.slice()),
    },
    undefined,
    { highWaterMark: 64 },
  );
  return { readable, writable, abort: () => abort() };
}
