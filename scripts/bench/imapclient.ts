/** As much of an IMAP client as the measurements of logins need; every answer is checked. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";
import type { TlsConnection } from "./tlsclient.ts";

export type Login = "LOGIN" | "PLAIN" | "SCRAM-SHA-256";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Salted passwords by salt: clients keep them (RFC 5802 §9), and the measurement is to show the server's work. */
const salted = new Map<string, Buffer>();

export class ImapClient {
  readonly #buffer = new Uint8Array(8192);
  #text = "";

  constructor(readonly connection: TlsConnection) {}

  /** The next line, without its end. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return line;
      }
      this.#text += decoder.decode(this.#buffer.subarray(0, await this.connection.read(this.#buffer)));
    }
  }

  async send(line: string): Promise<void> {
    await this.connection.write(encoder.encode(`${line}\r\n`));
  }

  /** Sends a command and waits for its OK. @throws Error with any other answer */
  async command(text: string): Promise<void> {
    await this.send(`a ${text}`);
    await this.ok();
  }

  async ok(): Promise<void> {
    for (;;) {
      const line = await this.line();
      if (line.startsWith("a OK")) return;
      if (!line.startsWith("* ")) throw new Error(`OK was expected: ${line}`);
    }
  }

  /** Greeting, then a login. */
  async login(how: Login, user: string, password: string): Promise<void> {
    const greeting = await this.line();
    if (!greeting.startsWith("* OK")) throw new Error(`a greeting was expected: ${greeting}`);
    if (how === "LOGIN") return await this.command(`LOGIN ${user} ${password}`);
    if (how === "PLAIN") return await this.command(`AUTHENTICATE PLAIN ${base64(`\0${user}\0${password}`)}`);
    await this.#scram(user, password);
  }

  /** RFC 5802 §3, with SHA-256. */
  async #scram(user: string, password: string): Promise<void> {
    const first = `n=${user},r=${randomBytes(18).toString("base64")}`;
    await this.send(`a AUTHENTICATE SCRAM-SHA-256 ${base64(`n,,${first}`)}`);
    const serverFirst = await this.#challenge();
    const [nonce, salt, rounds] = serverFirst.split(",").map((field) => field.slice(2));
    const withoutProof = `c=${base64("n,,")},r=${nonce}`;
    const message = `${first},${serverFirst},${withoutProof}`;
    const key = saltedPassword(password, salt, Number(rounds));
    const clientKey = hmac(key, "Client Key");
    const signature = hmac(createHash("sha256").update(clientKey).digest(), message);
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at])).toString("base64");
    await this.send(base64(`${withoutProof},p=${proof}`));
    const final = await this.#challenge();
    if (final !== `v=${hmac(hmac(key, "Server Key"), message).toString("base64")}`) throw new Error("not the server");
    await this.send("");
    await this.ok();
  }

  async #challenge(): Promise<string> {
    const line = await this.line();
    if (!line.startsWith("+ ")) throw new Error(`a challenge was expected: ${line}`);
    return Buffer.from(line.slice(2), "base64").toString();
  }
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

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
