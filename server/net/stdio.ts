/** A transport over the descriptors that the program was started with, for `roost imapserve`. */
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import { duplex, type Endpoint } from "./duplex.ts";
import type { Transport } from "./transport.ts";

/**
 * Reads stdin and writes stdout; with `fd0`, reads and writes descriptor 0. Only one in a process.
 * @throws {TypeError} `fd0`, and descriptor 0 is neither a socket nor a terminal
 */
export function stdioTransport(options: { fd0?: boolean } = {}): Transport {
  const endpoint = options.fd0 ? descriptorZero() : standardStreams();
  return { ...duplex(endpoint), remote: "local", secure: true };
}

function standardStreams(): Endpoint {
  return {
    read: (into) => Deno.stdin.read(into),
    write: (bytes) => Deno.stdout.write(bytes),
    close() {
      Deno.stdout.close();
      Deno.stdin.close();
    },
  };
}

function descriptorZero(): Endpoint {
  const kind = fstatSync(0);
  if (kind.isSocket()) return new SocketEndpoint(new Socket({ fd: 0, readable: true, writable: true }));
  if (kind.isCharacterDevice()) return Deno.openSync("/dev/fd/0", { read: true, write: true });
  throw new TypeError("descriptor 0 can only be used both ways when it is a socket or a terminal");
}

/** An open socket, which only Node's interface can take over by its number. */
class SocketEndpoint implements Endpoint {
  readonly #socket: Socket;
  #rest = new Uint8Array(0);
  #fault: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("readable", () => this.#changed());
    socket.on("end", () => {
      this.#ended = true;
      this.#changed();
    });
    socket.on("error", (error) => {
      this.#fault = error;
      this.#changed();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#changed();
    });
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      if (this.#fault) throw this.#fault;
      const bytes: Uint8Array<ArrayBuffer> | null = this.#socket.read();
      if (bytes) {
        this.#rest = bytes;
      } else if (this.#ended) {
        return null;
      } else {
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    }
    const part = this.#rest.subarray(0, into.length);
    into.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(() => resolve()));
  }

  close(): void {
    this.#socket.destroy();
  }

  #changed(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
