/** Ways to log in, with all that the client checks; for measuring what a login costs the server. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";
import { type ImapClient, mustBeOk } from "./imapclient.ts";

export type Login = "LOGIN" | "PLAIN" | "SCRAM-SHA-256";

/** Salted passwords by salt: clients keep them (RFC 5802 §9), and the measurement is to show the server's work. */
const salted = new Map<string, Buffer>();

/** @throws Error when the server refuses, or is not the one that knows the password */
export async function loginBy(client: ImapClient, how: Login, user: string, password: string): Promise<void> {
  if (how === "LOGIN") await client.ok(`LOGIN ${user} ${password}`);
  else if (how === "PLAIN") await client.ok(`AUTHENTICATE PLAIN ${base64(`\0${user}\0${password}`)}`);
  else await scram(client, user, password);
}

/** RFC 5802 §3, with SHA-256. */
async function scram(client: ImapClient, user: string, password: string): Promise<void> {
  const first = `n=${user},r=${randomBytes(18).toString("base64")}`;
  const challenges = [client.continuation(), client.continuation()];
  const answer = client.command(`AUTHENTICATE SCRAM-SHA-256 ${base64(`n,,${first}`)}`);
  const refused = answer.then((refusal) => Promise.reject(new Error(`SCRAM: ${refusal.status} ${refusal.text}`)));
  const challenge = async (at: number) => decoded(await Promise.race([challenges[at], refused]));

  const serverFirst = await challenge(0);
  const [nonce, salt, rounds] = serverFirst.split(",").map((field) => field.slice(2));
  const withoutProof = `c=${base64("n,,")},r=${nonce}`;
  const message = `${first},${serverFirst},${withoutProof}`;
  const key = saltedPassword(password, salt, Number(rounds));
  const clientKey = hmac(key, "Client Key");
  const signature = hmac(createHash("sha256").update(clientKey).digest(), message);
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at])).toString("base64");
  client.write(Buffer.from(base64(`${withoutProof},p=${proof}`) + "\r\n"));
  const final = await challenge(1);
  if (final !== `v=${hmac(hmac(key, "Server Key"), message).toString("base64")}`) throw new Error("not the server");
  refused.catch(() => {}); // it ends well from here on
  client.write(Buffer.from("\r\n"));
  mustBeOk(await answer, "AUTHENTICATE SCRAM-SHA-256");
}

function saltedPassword(password: string, salt: string, rounds: number): Buffer {
  const name = `${password} ${salt} ${rounds}`;
  const known = salted.get(name) ?? pbkdf2Sync(password, Buffer.from(salt, "base64"), rounds, 32, "sha256");
  salted.set(name, known);
  return known;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decoded(text: string): string {
  return Buffer.from(text, "base64").toString();
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
