/** An independent reader of IMAP's parenthesised data, strict, and a check of ENVELOPE and BODYSTRUCTURE against RFC 9051 §9. */
import assert from "node:assert/strict";

/** Text is one character a byte. */
export type Value = string | number | null | Value[];

export function readWire(bytes: Uint8Array): Value {
  let at = 0;
  const fail = (what: string): never =>
    assert.fail(`${what} at ${at} of ${new TextDecoder("latin1").decode(bytes).slice(0, 500)}`);
  const char = () => at < bytes.length ? String.fromCharCode(bytes[at]) : fail("unexpected end");
  const expect = (wanted: string) => char() === wanted ? at++ : fail(`expected ${JSON.stringify(wanted)}`);

  const quoted = (): string => {
    let text = "";
    expect('"');
    while (char() !== '"') {
      if (char() === "\\") {
        at++;
        if (!'"\\'.includes(char())) fail("bad escape");
      } else if (bytes[at] === 0 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] > 0x7f) {
        fail("byte not allowed in quoted");
      }
      text += char();
      at++;
    }
    at++;
    return text;
  };
  const literal = (): string => {
    expect("{");
    let size = 0;
    while (char() !== "}") {
      if (!/\d/.test(char())) fail("bad literal size");
      size = size * 10 + Number(char());
      at++;
    }
    at++;
    expect("\r");
    expect("\n");
    if (at + size > bytes.length) fail("literal too long");
    if (bytes.subarray(at, at + size).includes(0)) fail("NUL in literal");
    let text = "";
    const end = at + size;
    for (; at < end; at += 8192) text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 8192)));
    at = end;
    return text;
  };
  const value = (): Value => {
    switch (char()) {
      case "(": {
        at++;
        const list: Value[] = [];
        while (char() !== ")") {
          // Adjacent lists stand without a space in address lists and multiparts, everything else is separated.
          if (list.length > 0 && !(char() === "(" && Array.isArray(list.at(-1)))) expect(" ");
          list.push(value());
        }
        at++;
        return list;
      }
      case '"':
        return quoted();
      case "{":
        return literal();
      default: {
        const word = /^(?:NIL|\d+)(?=[ )]|$)/.exec(new TextDecoder("latin1").decode(bytes.subarray(at, at + 20)))?.[0];
        if (word === undefined) return fail("unknown token");
        at += word.length;
        return word === "NIL" ? null : Number(word);
      }
    }
  };
  const result = value();
  if (at !== bytes.length) fail("trailing bytes");
  return result;
}

export function checkEnvelope(value: Value): asserts value is Value[] {
  assert(Array.isArray(value) && value.length === 10, "ENVELOPE has ten members");
  for (const i of [0, 1, 8, 9]) assert(value[i] === null || typeof value[i] === "string");
  for (const i of [2, 3, 4, 5, 6, 7]) {
    const list = value[i];
    if (list === null) continue;
    assert(Array.isArray(list) && list.length > 0, "an address list is NIL or not empty");
    let open = false;
    for (const address of list) {
      assert(Array.isArray(address) && address.length === 4);
      assert(address.every((member) => member === null || typeof member === "string"));
      if (address[3] === null) {
        assert(open === (address[2] === null), "groups open and close in turn");
        open = !open;
      } else {
        assert(address[2] !== null);
      }
    }
    assert(!open, "a group is closed");
  }
}

/** Checks form and numbers; `extended` for BODYSTRUCTURE. */
export function checkBody(body: Value, extended: boolean): void {
  assert(Array.isArray(body));
  const extension: Value[] = [];
  if (Array.isArray(body[0])) {
    const children = body.findIndex((member) => !Array.isArray(member));
    for (const child of body.slice(0, children)) checkBody(child, extended);
    assert(typeof body[children] === "string");
    extension.push(...body.slice(children + 1));
    assert.equal(extension.length, extended ? 4 : 0);
    if (extended) checkParams(extension[0]);
  } else {
    const [type, subtype, params, id, description, encoding, size] = body;
    assert(typeof type === "string" && typeof subtype === "string" && typeof encoding === "string");
    assert(typeof size === "number" && size >= 0);
    for (const text of [id, description]) assert(text === null || typeof text === "string");
    checkParams(params);
    let at = 7;
    if (/^message$/i.test(type) && /^(rfc822|global)$/i.test(subtype)) {
      checkEnvelope(body[7]);
      checkBody(body[8], extended);
      assert(typeof body[9] === "number");
      at = 10;
    } else if (/^text$/i.test(type)) {
      assert(typeof body[7] === "number");
      at = 8;
    }
    extension.push(...body.slice(at));
    assert.equal(extension.length, extended ? 4 : 0);
    if (extended) assert(extension[0] === null || typeof extension[0] === "string");
  }
  if (!extended) return;
  const [, disposition, languages, location] = extension;
  if (disposition !== null) {
    assert(Array.isArray(disposition) && disposition.length === 2 && typeof disposition[0] === "string");
    checkParams(disposition[1]);
  }
  assert(languages === null || (Array.isArray(languages) && languages.length > 0));
  assert(location === null || typeof location === "string");
}

function checkParams(params: Value): void {
  if (params === null) return;
  assert(Array.isArray(params) && params.length > 0 && params.length % 2 === 0);
  assert(params.every((member) => typeof member === "string"));
}
