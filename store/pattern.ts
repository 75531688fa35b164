/**
 * Finds bytes in bytes (Horspool's algorithm: most bytes are never looked at). Key and text both come from strangers, so where that
 * degenerates the rest is searched by Knuth, Morris and Pratt's: time is linear in the text whatever both hold.
 *
 * Buffer.indexOf takes several times as long on Deno, where it is a plain loop.
 */
export class Pattern {
  /** By byte: how far the window moves when that byte is its last. */
  private readonly skip: Uint32Array;
  /** By length of a matched prefix: length of the longest proper prefix that ends it. Made when it is first needed. */
  private borders: Uint32Array | undefined;

  /** @param bytes not empty */
  constructor(readonly bytes: Uint8Array) {
    const last = bytes.length - 1;
    this.skip = new Uint32Array(256).fill(bytes.length);
    for (let i = 0; i < last; i++) this.skip[bytes[i]] = last - i;
  }

  isIn(text: Uint8Array): boolean {
    return this.indexIn(text, 0) >= 0;
  }

  /** The first place at or behind `from`, -1 if there is none. */
  indexIn(text: Uint8Array, from: number): number {
    const { bytes, skip } = this;
    const last = bytes.length - 1;
    if (last === 0) return text.indexOf(bytes[0], from);
    const lastByte = bytes[last];
    const end = text.length - last;
    // Bytes compared in vain before the other algorithm takes over.
    let patience = text.length - from + 256;
    for (let at = from; at < end;) {
      const c = text[at + last];
      if (c === lastByte) {
        let i = last - 1;
        while (i >= 0 && text[at + i] === bytes[i]) i--;
        if (i < 0) return at;
        patience -= last - i;
        if (patience < 0) return this.steady(text, at);
      }
      at += skip[c];
    }
    return -1;
  }

  private steady(text: Uint8Array, from: number): number {
    const { bytes } = this;
    const borders = this.borders ??= bordersOf(bytes);
    let matched = 0;
    for (let at = from; at < text.length; at++) {
      while (matched > 0 && bytes[matched] !== text[at]) matched = borders[matched];
      if (bytes[matched] === text[at] && ++matched === bytes.length) return at - matched + 1;
    }
    return -1;
  }
}

function bordersOf(bytes: Uint8Array): Uint32Array {
  const borders = new Uint32Array(bytes.length + 1);
  let length = 0;
  for (let i = 1; i < bytes.length; i++) {
    while (length > 0 && bytes[length] !== bytes[i]) length = borders[length];
    if (bytes[length] === bytes[i]) length++;
    borders[i + 1] = length;
  }
  return borders;
}
