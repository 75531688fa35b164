/** Base64 as SASL uses it: padded, nothing else between (RFC 4648 §4). */

const FORM = /^[A-Za-z0-9+/]*={0,2}$/;

/** undefined: not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !FORM.test(text)) return undefined;
  return Uint8Array.fromBase64(text);
}

export function encodeBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}
