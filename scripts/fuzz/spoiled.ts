/** A socket whose bytes are cut into pieces and, once, spoilt on their way out, beneath TLS. */
import type { Random } from "../../tests/model/random.ts";
import type { Endpoint } from "../../server/net/duplex.ts";
import { mutate, noise, pieces } from "./mutate.ts";

export class SpoiledSocket implements Endpoint {
  #sent = 0;
  #closed = false;

  /** @param spoilAt after so many bytes what is written is changed; Infinity: never */
  constructor(readonly conn: Deno.TcpConn, readonly random: Random, private spoilAt = Infinity) {}

  static async to(port: number, random: Random, spoilAt?: number): Promise<SpoiledSocket> {
    return new SpoiledSocket(await Deno.connect({ hostname: "127.0.0.1", port }), random, spoilAt);
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.conn.read(into);
  }

  async write(bytes: Uint8Array): Promise<number> {
    let out = bytes;
    if (this.#sent + bytes.length > this.spoilAt) {
      out = mutate(this.random, bytes, noise(this.random, 200));
      this.spoilAt = Infinity;
    }
    this.#sent += bytes.length;
    for (const piece of this.random.chance(0.2) ? pieces(this.random, out) : [out]) {
      for (let at = 0; at < piece.length;) at += await this.conn.write(piece.subarray(at));
    }
    return bytes.length;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.conn.close();
  }
}
