import assert from "node:assert/strict";
import { EXTENSIONS } from "../../server/imap/capabilities.ts";
import { extensionsPage } from "../../scripts/extensionspage.ts";

const root = new URL("../../", import.meta.url);

Deno.test("docs/extensions.md is what the table says (else run: deno task docs)", () => {
  assert.equal(Deno.readTextFileSync(new URL("docs/extensions.md", root)), extensionsPage());
});

for (const { name, source, test } of EXTENSIONS) {
  Deno.test(`${name}: its source and its test are there`, () => {
    assert(Deno.statSync(new URL(source, root)).isFile);
    const text = Deno.readTextFileSync(new URL(test, root));
    assert(/protocolTest\(/.test(text), `${test} uses no live session`);
    const words = new RegExp(name.replace(/=$/, "").split("=")[0].replaceAll("+", "\\+").replaceAll("-", ".?"), "i");
    assert(words.test(text), `${test} does not mention ${name}`);
  });
}
