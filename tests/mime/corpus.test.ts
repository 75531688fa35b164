import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseMessage, searchText } from "../../store/mime/message.ts";
import { sectionRange } from "../../store/mime/section.ts";
import { fileLike, look, textOf, utf8 } from "./mail.ts";

const root = join(import.meta.dirname!, "../..");
const folders: [string, string][] = [
  ["the project's own mails", join(root, "tests/corpus")],
  ["mails of the shared corpus", join(root, "../shared/corpus/real")],
];

function mails(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(eml|txt|mail|msg)$|^[^.]+$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

for (const [what, folder] of folders) {
  const there = existsSync(folder);
  if (!there) console.warn(`skipped: ${folder} is not there`);
  Deno.test({
    name: `${what} parse, with well-formed wire output and their bytes unchanged`,
    ignore: !there,
    fn() {
      const files = mails(folder);
      assert(files.length > 0);
      for (const file of files) {
        try {
          const seen = look(new Uint8Array(readFileSync(file)));
          assert.equal(textOf(parseMessage(fileLike(seen.bytes)).bodyStructure), textOf(seen.parsed.bodyStructure));
          const header = sectionRange(seen.root, [], "HEADER")!;
          const text = sectionRange(seen.root, [], "TEXT")!;
          assert.deepEqual([header.start, header.end, text.end], [0, text.start, seen.bytes.length]);
          utf8(seen.parsed.searchHeaders);
          assert.equal(utf8(searchText(fileLike(seen.bytes), seen.root)), utf8(seen.parsed.searchText));
        } catch (error) {
          throw new Error(file, { cause: error });
        }
      }
    },
  });
}
