/**
 * Taking a layer off a connection whose lower layers go on, as UNAUTHENTICATE does with DEFLATE (RFC 8437 §4.1). It travels as the
 * reason of a stream's cancel or abort: a layer that sees it frees what it has and leaves the stream below open.
 */
export class Detached extends Error {
  override readonly name = "Detached";
  /** Bytes that were taken from the stream below and not used, in order. */
  left: Uint8Array = new Uint8Array(0);

  constructor() {
    super("The layer was taken off");
  }

  /** Bytes that stand behind those that are there. */
  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const all = new Uint8Array(this.left.length + bytes.length);
    all.set(this.left);
    all.set(bytes, this.left.length);
    this.left = all;
  }
}
