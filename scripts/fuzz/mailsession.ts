/** Appends a spoilt mail and reads all of it in every way: well-formed, consistent, and not a byte changed. */
import type { Random } from "../../tests/model/random.ts";
import type { Response } from "../../tests/support/responses.ts";
import { bytesOf, shown, textOf } from "./bytes.ts";
import { body, fetchItems, type Leaf } from "./fetchcheck.ts";
import { Reader, type Value } from "./reader.ts";
import { joined } from "./mutate.ts";
import type { Peer } from "./peer.ts";

const MOST_PARTS = 12;

export class MailSession {
  #count = 0;

  /** The peer is logged in and has `mailbox` selected, alone. */
  constructor(readonly peer: Peer, readonly random: Random, readonly mailbox: string) {}

  async run(mail: Uint8Array): Promise<void> {
    const { peer } = this;
    const append = joined(bytesOf(`APPEND ${this.mailbox} {${mail.length}+}\r\n`), mail);
    const uid = /APPENDUID \d+ (\d+)/.exec(await this.#command("OK", append))?.[1];
    if (!uid) return peer.fail("no APPENDUID");
    try {
      await this.#read(Number(uid), mail);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n    the mail: ${shown(mail, 4000)}`, { cause: error });
    }
    await this.#command("OK", `UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`);
    await this.#command("OK", "EXPUNGE");
  }

  async #read(uid: number, mail: Uint8Array): Promise<void> {
    const expected = textOf(mail);
    const items = await this.#fetch(
      uid,
      "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE PREVIEW EMAILID THREADID SAVEDATE " +
        "BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[]<3.50> RFC822.HEADER",
    );
    this.#same("BODY[]", items.get("BODY[]"), expected);
    this.#same("BODY[]<3>", items.get("BODY[]<3>"), expected.slice(3, 53));
    this.#same("header and text", textValue(items.get("BODY[HEADER]")) + textValue(items.get("BODY[TEXT]")), expected);
    this.#same("RFC822.HEADER", items.get("RFC822.HEADER"), textValue(items.get("BODY[HEADER]")));
    const size = items.get("RFC822.SIZE");
    if (size?.is !== "atom" || size.text !== `${mail.length}`) this.peer.fail("RFC822.SIZE is wrong");
    const reader = new Reader({ text: "", literals: [] }, true);
    const leaves = body(reader, items.get("BODYSTRUCTURE"), true);
    const plain = body(reader, items.get("BODY"), false);
    if (JSON.stringify(leaves) !== JSON.stringify(plain)) this.peer.fail("BODY and BODYSTRUCTURE differ");
    for (const leaf of this.random.some(leaves).slice(0, MOST_PARTS)) await this.#part(uid, leaf);
    await this.#search(uid, mail);
  }

  async #part(uid: number, { path, size }: Leaf): Promise<void> {
    const items = await this.#fetch(uid, `BODY.PEEK[${path}] BODY.PEEK[${path}.MIME] BODY.PEEK[${path}]<0.20>`);
    const bytes = textValue(items.get(`BODY[${path}]`));
    if (bytes.length !== size) this.peer.fail(`part ${path} has ${bytes.length} bytes, its structure says ${size}`);
    this.#same("a partial", items.get(`BODY[${path}]<0>`), bytes.slice(0, 20));
    const decoded = await this.#command(
      "(?:OK|NO \\[UNKNOWN-CTE\\])",
      `UID FETCH ${uid} (BINARY.SIZE[${path}] BINARY.PEEK[${path}])`,
    );
    if (!decoded.includes(" OK ")) return;
    const binary = this.#items();
    const told = binary.get(`BINARY.SIZE[${path}]`);
    const length = textValue(binary.get(`BINARY[${path}]`)).length;
    if (told?.is !== "atom" || told.text !== `${length}`) this.peer.fail(`BINARY.SIZE of ${path} is not ${length}`);
  }

  async #search(uid: number, mail: Uint8Array): Promise<void> {
    const at = this.random.below(mail.length);
    const piece = mail.subarray(at, at + 8).filter((byte) => byte > 0x20 && byte < 0x7f);
    for (const key of ["TEXT", "BODY", "SUBJECT", "HEADER Content-Type"]) {
      await this.#command("OK", joined(bytesOf(`UID SEARCH UID ${uid} ${key} {${piece.length}+}\r\n`), piece));
    }
    await this.#command("OK", `UID SEARCH UID ${uid} OR SENTSINCE 1-Jan-1990 FROM "a" LARGER 1`);
  }

  #same(what: string, value: Value | string | undefined, expected: string): void {
    const found = typeof value === "string" ? value : textValue(value);
    if (found !== expected) {
      this.peer.fail(`${what} is ${shown(bytesOf(found), 200)}, not ${shown(bytesOf(expected), 200)}`);
    }
  }

  async #fetch(uid: number, items: string): Promise<Map<string, Value>> {
    await this.#command("OK", `UID FETCH ${uid} (${items})`);
    return this.#items();
  }

  /** Of the one FETCH response that came. */
  #items(): Map<string, Value> {
    const fetched = this.peer.responses.filter(({ text }) => /^\* \d+ FETCH /.test(text));
    if (fetched.length !== 1) this.peer.fail(`${fetched.length} FETCH responses`);
    const response: Response = fetched[0];
    const reader = new Reader(response, this.peer.mode.utf8);
    reader.match(/\* \d+ FETCH /y, "FETCH");
    return fetchItems(reader);
  }

  async #command(result: string, command: string | Uint8Array): Promise<string> {
    const tagged = await this.peer.command(`m${++this.#count}`, command);
    if (tagged === undefined) return this.peer.fail("the connection ended");
    if (!new RegExp(`^\\S+ ${result} `).test(tagged)) this.peer.fail(`${result} was expected`);
    return tagged;
  }
}

function textValue(value: Value | undefined): string {
  return value?.is === "string" ? value.bytes : "";
}
