/** Mails to spoil: those of the corpora that are there, and a few that hold what parsers find hard. */
import { fileURLToPath } from "node:url";
import type { Random } from "../../tests/model/random.ts";
import { bytesOf } from "./bytes.ts";
import { joined, mutate, noise } from "./mutate.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["tests/corpus", "../shared/corpus/real"];
const LARGEST = 60_000;

const BUILT_IN: readonly string[] = [
  "From: a@b.example\r\nTo: c@d.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n" +
  "Message-ID: <1@b.example>\r\n\r\nhello\r\n",
  'Subject: mixed\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\npreamble\r\n--b\r\n\r\nplain\r\n' +
  "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=C3=A9=\r\n</p>\r\n" +
  '--b\r\nContent-Type: image/png; name="x.png"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;' +
  " filename*0*=utf-8''%C3%A9; filename*1=x\r\nContent-Language: en, de\r\n\r\niVBORw0KGgo=\r\n--b\r\n" +
  'Content-Type: message/rfc822\r\n\r\nFrom: "x \\" y" <in@ner.example>\r\nSubject: inner\r\nContent-Type: multipart/alternative; ' +
  "boundary=c\r\n\r\n--c\r\n\r\none\r\n--c--\r\n--b--\r\nepilogue\r\n",
  "From: group: a@b.example, <@route:x@y.example>;, (comment (nested)) z@z.example\r\nSubject: \xff\xfe\r\n folded\r\n\tmore\r\n" +
  "Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\x1b$B$\x22\x1b(B\r\n",
  "no header at all\n\nbody with bare\rCR and \n LF\n",
  "",
];

/** Mails that are large or deep by repetition. */
const MADE: readonly ((random: Random) => string)[] = [
  (random) => `${"Received: from x by y; Mon, 7 Feb 1994 21:52:25 -0800\r\n".repeat(random.below(3000))}\r\nx`,
  (random) => `To: ${"a@b.example, ".repeat(random.below(5000))}\r\n\r\n`,
  (random) => `Subject: ${"=?utf-8?b?w6k=?= ".repeat(random.below(3000))}\r\n\r\n`,
  (random) => `Content-Type: text/plain${'; a="b"'.repeat(random.below(3000))}\r\n\r\nx`,
  (random) => `From: ${"(".repeat(random.below(30000))}x\r\n\r\n`,
  (random) => "Content-Type: message/rfc822\r\n\r\n".repeat(random.below(1500)),
  (random) => {
    let text = "";
    for (let depth = random.below(300); depth > 0; depth--) {
      text += `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`;
    }
    return text;
  },
  (random) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(random.below(12_000))}`,
  (random) => `Content-Type: text/html\r\n\r\n${"<div><!--".repeat(random.below(8000))}`,
  (random) => `Subject:${"\r\n ".repeat(random.below(20000))}x\r\n\r\n`,
  (random) => `${"x".repeat(random.below(60000))}: y\r\n\r\n`,
];

export class Mails {
  readonly #seeds: readonly Uint8Array[];

  constructor() {
    const files = FOLDERS.flatMap((folder) => [...filesBelow(ROOT + folder)]);
    const read = files.map((path) => Deno.readFileSync(path)).filter(({ length }) => length <= LARGEST);
    this.#seeds = [...BUILT_IN.map(bytesOf), ...read];
  }

  /** A mail that nobody sent like that; never empty. */
  next(random: Random): Uint8Array {
    const seed = random.pick(this.#seeds);
    const other = random.pick(this.#seeds);
    const dice = random.next();
    let bytes: Uint8Array;
    if (dice < 0.1) bytes = seed;
    else if (dice < 0.75) bytes = mutate(random, seed, other);
    else if (dice < 0.85) bytes = bytesOf(random.pick(MADE)(random));
    else if (dice < 0.95) {
      bytes = joined(seed.subarray(0, random.below(seed.length + 1)), other.subarray(random.below(other.length + 1)));
    } else bytes = noise(random, random.below(3000));
    return bytes.length > 0 ? bytes : bytesOf("x");
  }
}

function* filesBelow(folder: string): Generator<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* filesBelow(path);
    else yield path;
  }
}
