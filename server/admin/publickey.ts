/** Public keys in the forms that they are handed in, and their fingerprint: SHA-256 of the SubjectPublicKeyInfo, in lower-case hex. */
import "reflect-metadata";
import { Buffer } from "node:buffer";
import { createHash, createPublicKey } from "node:crypto";
import { PemConverter, X509Certificate } from "@peculiar/x509";
import { AdminError } from "./errors.ts";

/** PEM with text before it, DER, or base64 of DER without its PEM lines. @throws {AdminError} */
export function fingerprintOf(file: Uint8Array, place: string): string {
  const { type, der } = unwrapped(file);
  if (type?.endsWith("PRIVATE KEY")) {
    throw new AdminError(`${place} is a private key, which stays with its owner; give the certificate or public key`);
  }
  const key = (type === "PUBLIC KEY" ? undefined : keyOfCertificate(der)) ?? publicKey(der);
  if (key === undefined) throw new AdminError(`${place} is no certificate and no public key (SubjectPublicKeyInfo)`);
  return createHash("sha256").update(key).digest("hex");
}

/** As others print it: in any case, with colons. @throws {AdminError} */
export function parseFingerprint(text: string): string {
  const digits = text.replaceAll(":", "").toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) {
    throw new AdminError("a fingerprint is a SHA-256, 64 hexadecimal digits, with or without colons", 2);
  }
  return digits;
}

function unwrapped(file: Uint8Array): { type?: string; der: Uint8Array } {
  const text = new TextDecoder("latin1").decode(file);
  if (text.includes("-----BEGIN ")) {
    const blocks = pemBlocks(text);
    const block = blocks.find(({ type }) => type === "CERTIFICATE" || type === "PUBLIC KEY") ?? blocks[0];
    return block ? { type: block.type, der: new Uint8Array(block.rawData) } : { der: file };
  }
  return { der: base64(text) ?? file };
}

function pemBlocks(text: string): { type: string; rawData: ArrayBuffer }[] {
  try {
    return PemConverter.decodeWithHeaders(text);
  } catch {
    return [];
  }
}

function base64(text: string): Uint8Array | undefined {
  const packed = text.replace(/\s/g, "");
  return /^[A-Za-z0-9+/]+=*$/.test(packed) ? Buffer.from(packed, "base64") : undefined;
}

/** Its key's bytes as they stand in the certificate, which is what TLS shows. */
function keyOfCertificate(der: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(new X509Certificate(der.slice()).publicKey.rawData);
  } catch {
    return undefined;
  }
}

function publicKey(der: Uint8Array): Uint8Array | undefined {
  try {
    createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
    return der;
  } catch {
    return undefined;
  }
}
