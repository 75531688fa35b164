/** Real mail in, the same bytes out, and a client that understands what the server says of it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { MessageStructureObject } from "imapflow";
import { clientSuite, type Scene } from "./support/suite.ts";
import { withImapFlow } from "./support/imapflow.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sources = [root + "tests/corpus", root + "../shared/corpus/real"];
const test = clientSuite({ name: "corpus", programs: [], packages: "" });

/** Every .eml file beneath, sorted; none when the directory does not exist. */
function mailFiles(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
      const path = `${directory}/${name}`;
      return isDirectory ? mailFiles(path) : name.endsWith(".eml") ? [path] : [];
    }).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** RFC 9051 forbids NUL in a literal; such a message is a literal8's (RFC 3516 §4.4). */
function marker(content: Uint8Array): string {
  return content.includes(0) ? `~{${content.length}}` : `{${content.length}}`;
}

for (const source of sources) {
  const files = mailFiles(source);
  const title = `${source.slice(source.lastIndexOf("/", source.lastIndexOf("/") - 1) + 1)}: ${files.length} mails`;
  test(`${title} come back byte for byte${files.length === 0 ? " [skipped: there are none]" : ""}`, async (scene) => {
    const contents: Uint8Array[] = [];
    for (const file of files) {
      const content = await Deno.readFile(file);
      contents.push(content);
      await scene.observer.command(`APPEND INBOX ${marker(content)}`, content);
    }
    await compare(scene, files, contents);
  }, { ignore: files.length === 0, roostOnly: true });

  test(`${title} have an ENVELOPE and BODYSTRUCTURE that imapflow parses`, async (scene) => {
    for (const file of files) {
      const content = await Deno.readFile(file);
      await scene.observer.command(`APPEND INBOX ${marker(content)}`, content);
    }
    for (const disableIMAP4rev2 of [false, true]) {
      await withImapFlow(scene, { disableIMAP4rev2 }, async (client) => {
        await client.mailboxOpen("INBOX", { readOnly: true });
        const query = { uid: true, envelope: true, bodyStructure: true, size: true };
        const messages = await client.fetchAll("1:*", query);
        assert.equal(messages.length, files.length);
        for (const message of messages) {
          const file = files[message.uid - 1];
          const size = (await Deno.stat(file)).size;
          assert.equal(message.size, size, file);
          assert.ok(message.envelope, file);
          assert.ok(typeof message.envelope.subject === "string" || message.envelope.subject === undefined, file);
          assert.ok(message.bodyStructure, file);
          checkStructure(message.bodyStructure, size, file);
        }
      });
    }
  }, { ignore: files.length === 0, roostOnly: true });
}

async function compare(scene: Scene, files: string[], contents: Uint8Array[]): Promise<void> {
  const messages = await scene.observer.messages("INBOX");
  assert.equal(messages.length, files.length);
  for (const [index, { content }] of messages.entries()) {
    const expected = contents[index];
    assert.equal(content.length, expected.length, files[index]);
    assert.ok(expected.every((byte, at) => content.charCodeAt(at) === byte), `${files[index]} came back changed`);
  }
}

function checkStructure(node: MessageStructureObject, size: number, file: string): void {
  assert.match(node.type, /^[^/\s]+\/[^\s]+$/, file);
  if (node.type.startsWith("multipart/")) assert.ok(node.childNodes && node.childNodes.length > 0, file);
  else assert.ok(node.size !== undefined && node.size <= size, `${file}: a part of ${node.size} bytes`);
  for (const child of node.childNodes ?? []) checkStructure(child, size, file);
}
