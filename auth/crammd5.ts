/**
 * CRAM-MD5 (RFC 2195), server side. Kept of the password are the states of HMAC-MD5's two hashes after their key blocks: enough
 * to check an answer, and the password cannot be read from them.
 */
import { timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Gate } from "./gate.ts";
import { type Candidate, malformed, type Mechanism, messageText, type SaslStep } from "./types.ts";
import { md5, md5Block, md5Finish, md5Start } from "./md5.ts";

const BLOCK = 64;

export interface CramSecret {
  /** MD5 states, 16 bytes each, after the key XOR ipad and the key XOR opad. */
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

const utf8 = new TextEncoder();

export function cramSecret(password: string): CramSecret {
  const bytes = utf8.encode(password.normalize("NFC"));
  const key = new Uint8Array(BLOCK);
  key.set(bytes.length > BLOCK ? md5(bytes) : bytes);
  return {
    inner: md5Block(md5Start(), key.map((byte) => byte ^ 0x36)),
    outer: md5Block(md5Start(), key.map((byte) => byte ^ 0x5c)),
  };
}

/** HMAC-MD5 of the message under the password of the secret (RFC 2104). */
export function cramDigest(secret: CramSecret, message: Uint8Array): Uint8Array {
  return md5Finish(secret.outer, BLOCK, md5Finish(secret.inner, BLOCK, message));
}

export function packCramSecret({ inner, outer }: CramSecret): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return JSON.stringify({ inner: text(inner), outer: text(outer) });
}

export function unpackCramSecret(text: string): CramSecret {
  const { inner, outer } = JSON.parse(text);
  return { inner: new Uint8Array(Buffer.from(inner, "base64")), outer: new Uint8Array(Buffer.from(outer, "base64")) };
}

/** @param challenge a text that is never used twice, in the form of a message identifier */
export function cramMd5Mechanism(gate: Gate, challenge: string): Mechanism {
  let asked = false;
  return {
    async next(data): Promise<SaslStep> {
      if (!asked) {
        // The server speaks first; an initial response has nothing to say (RFC 4422 §5, item 2a).
        if (data !== undefined) throw malformed("CRAM-MD5 takes no initial response");
        await gate.admit();
        asked = true;
        return { done: false, challenge: utf8.encode(challenge) };
      }
      const answer = messageText(data ?? new Uint8Array());
      const space = answer.lastIndexOf(" ");
      if (space < 1) throw malformed("user name, space and digest were expected");
      const digest = answer.slice(space + 1);
      if (!/^[0-9a-f]{32}$/i.test(digest)) throw malformed("the digest is not 32 hexadecimal digits");
      await gate.admit();
      const subject = await gate.subject(answer.slice(0, space), "cram-md5");
      let used: Candidate | undefined;
      for (const candidate of subject.candidates) {
        const expected = cramDigest(unpackCramSecret(candidate.secret), utf8.encode(challenge));
        if (timingSafeEqual(expected, Buffer.from(digest, "hex")) && candidate.admits) used = candidate;
      }
      return { done: true, login: await gate.finish(subject, used) };
    },
  };
}
