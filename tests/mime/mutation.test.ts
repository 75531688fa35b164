import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, look, utf8 } from "./mail.ts";

/** Deterministic: the same mails in every run. */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
}

/** What hostile mail is made of, a piece each. */
const PIECES =
  ('\r\n|\n|\r|\r\n\r\n|\x00|\xff|--|--b|--b--|"|(|)|\\|=?|?=|=?utf-8?q?|:|;|,|<|>|@|*0*=|charset=x|{5}\r\n|NIL| ' +
    "|Content-Type: multipart/mixed; boundary=b\r\n|Content-Type: message/rfc822\r\n|Content-Transfer-Encoding: base64\r\n")
    .split("|");

Deno.test("mails with random damage never throw, stay within their bounds and give well-formed wire output", () => {
  const folder = join(import.meta.dirname!, "../corpus");
  const originals = readdirSync(folder).filter((name) => name.endsWith(".eml")).map((name) =>
    readFileSync(join(folder, name))
  );
  const next = random(20240705);
  for (let round = 0; round < 1500; round++) {
    let bytes = new Uint8Array(originals[round % originals.length]);
    for (let change = next(8); change >= 0; change--) {
      const at = next(bytes.length + 1);
      const piece = bytesOf(PIECES[next(PIECES.length)]);
      const removed = next(3) === 0 ? next(40) : 0;
      const other = next(bytes.length + 1);
      const inserted = next(4) === 0 ? bytes.slice(other, other + next(300)) : piece;
      bytes = new Uint8Array([...bytes.subarray(0, at), ...inserted, ...bytes.subarray(at + removed)]);
    }
    try {
      const { parsed } = look(bytes);
      utf8(parsed.searchHeaders);
      utf8(parsed.searchText);
    } catch (error) {
      throw new Error(`round ${round}: ${JSON.stringify(new TextDecoder("latin1").decode(bytes))}`, { cause: error });
    }
  }
});
