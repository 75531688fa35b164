import assert from "node:assert/strict";
import { eachField } from "../../store/mime/header.ts";
import { headerFields, sectionRange } from "../../store/mime/section.ts";
import { bytesOf, COMPLEX, look, mail, textOf } from "./mail.ts";

function section(text: string, path: number[], what: "" | "HEADER" | "TEXT" | "MIME"): string | undefined {
  const { root, bytes } = look(text);
  const range = sectionRange(root, path, what);
  return range && textOf(bytes.subarray(range.start, range.end));
}

Deno.test("BODY[] is the message as it came; HEADER and TEXT are its two halves (RFC 9051 §6.4.5.1)", () => {
  for (const text of [COMPLEX, "", "a: b", "\n\nx", mail("From x", "no colon", "", "text")]) {
    assert.equal(section(text, [], ""), text);
    assert.equal(section(text, [], "HEADER")! + section(text, [], "TEXT")!, text);
    assert.equal(section(text, [], "MIME"), undefined);
  }
});

Deno.test("sections of parts (RFC 9051 §6.4.5.1)", () => {
  assert.equal(section(COMPLEX, [1], ""), "1");
  assert.equal(section(COMPLEX, [1], "MIME"), "Content-Type: text/plain\r\n\r\n");
  assert.equal(section(COMPLEX, [3], "HEADER"), "Subject: three\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n");
  assert.match(section(COMPLEX, [3], "TEXT")!, /^--c\r\n[^]*--c--$/);
  assert.equal(section(COMPLEX, [3], ""), section(COMPLEX, [3], "HEADER")! + section(COMPLEX, [3], "TEXT")!);
  assert.equal(section(COMPLEX, [4, 1], "MIME"), "Content-Type: image/gif\r\n\r\n");
  assert.equal(section(COMPLEX, [4, 2, 2, 1], ""), "4.2.2.1");
});

Deno.test("HEADER and TEXT exist for enclosed messages only, parts only where they are (RFC 9051 §6.4.5.1)", () => {
  assert.equal(section(COMPLEX, [1], "HEADER"), undefined);
  assert.equal(section(COMPLEX, [4], "TEXT"), undefined);
  for (const what of ["", "MIME", "HEADER", "TEXT"] as const) assert.equal(section(COMPLEX, [9], what), undefined);
});

Deno.test("part 1 of a simple message is its body, its MIME header the message's (RFC 9051 §6.4.5.1)", () => {
  assert.equal(section("a: b\r\n\r\nx", [1], ""), "x");
  assert.equal(section("a: b\r\n\r\nx", [1], "MIME"), "a: b\r\n\r\n");
});

const HEADER = "Received: 1\r\n\tfolded\r\nSubject: s\r\nno colon\r\nRECEIVED : 2\r\nTo:\r\n \r\n x\r\n\r\n";

function fields(names: string[], not = false, header = HEADER): string {
  return textOf(headerFields(bytesOf(header), names, not));
}

Deno.test("HEADER.FIELDS gives fields as they came, in their order, and the empty line (RFC 9051 §6.4.5.1)", () => {
  assert.equal(fields(["received"]), "Received: 1\r\n\tfolded\r\nRECEIVED : 2\r\n\r\n");
  assert.equal(fields(["to", "subject"]), "Subject: s\r\nTo:\r\n \r\n x\r\n\r\n");
  assert.equal(fields(["subjec", "no colon"]), "\r\n");
});

Deno.test("HEADER.FIELDS.NOT gives all others (RFC 9051 §6.4.5.1)", () => {
  assert.equal(fields(["received"], true), "Subject: s\r\nno colon\r\nTo:\r\n \r\n x\r\n\r\n");
  assert.equal(fields([], true), HEADER);
});

Deno.test("HEADER.FIELDS keeps line ends as they are, and makes the empty line that is missing", () => {
  assert.equal(fields(["a"], false, "a: 1\nb: 2\n\n"), "a: 1\n\n");
  assert.equal(fields(["a"], false, "a: 1\rb: 2\r\r"), "a: 1\r\r");
  assert.equal(fields(["a"], false, "a: 1\r\nb: 2\r\n"), "a: 1\r\n\r\n");
  assert.equal(fields(["a"], false, "a: 1"), "a: 1\r\n\r\n");
  assert.equal(fields(["a"], false, ""), "\r\n");
});

Deno.test("whatever the bytes are, HEADER.FIELDS gives the fields that the header's parser finds", () => {
  const pieces = [
    "From: a",
    "FROM : b",
    "from\t:",
    "Subject",
    "to:",
    " ",
    "\t",
    ":",
    "\r\n",
    "\n",
    "\r",
    "x",
    "\u00e9:",
    "\0",
  ];
  let seed = 7;
  const next = (n: number) => {
    seed = Math.imul(seed, 1103515245) + 12345 >>> 0;
    return (seed >>> 8) % n;
  };
  for (let round = 0; round < 5000; round++) {
    const text = Array.from({ length: next(14) }, () => pieces[next(pieces.length)]).join("");
    for (const names of [["from"], ["to", "subject"], ["x", "\u00e9", ":", ""]]) {
      let [wanted, others, seen] = ["", "", 0];
      eachField(text, ({ name, start, end }) => {
        seen = end;
        if (name !== "" && names.includes(name)) wanted += text.slice(start, end);
        else others += text.slice(start, end);
      });
      for (const [not, found] of [[false, wanted], [true, others]] as const) {
        const rest = seen < text.length ? text.slice(seen) : /(^|[\r\n])$/.test(found) ? "\r\n" : "\r\n\r\n";
        assert.equal(fields(names, not, text), found + rest, JSON.stringify([text, names, not]));
      }
    }
  }
});
