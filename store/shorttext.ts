/** What a client said of itself, made fit to be kept and shown: bounded, one line, no character that a terminal acts on. */

const utf8 = new TextEncoder();

/**
 * At most `most` bytes of UTF-8, cut between characters. Control characters, line separators, marks of writing direction and lone
 * surrogates become U+FFFD.
 */
export function shortText(text: string, most: number): string {
  // No character takes less than a byte for each of its UTF-16 units.
  const start = text.slice(0, most).toWellFormed();
  const plain = start.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\ufffd");
  const { read } = utf8.encodeInto(plain, new Uint8Array(most));
  return plain.slice(0, read);
}
