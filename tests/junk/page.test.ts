/** docs/junk.md: its configurations are valid, its program does what it says. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { configSchema } from "../../server/config/schema.ts";
import { classifierOf } from "../../server/junk/classifier.ts";

const page = Deno.readTextFileSync(new URL("../../docs/junk.md", import.meta.url));
const blocks = (kind: string) =>
  [...page.matchAll(/^```(.+)\n([^]*?)^```$/gm)].filter(([, is]) => is === kind).map(([, , text]) => text);

Deno.test("docs/junk.md: its configurations are valid", () => {
  const configs = blocks("yaml").map((text) => configSchema.parse(parse(text)).junk);
  assert.deepEqual(configs.map((junk) => junk?.rspamd ?? junk?.command), [
    "http://127.0.0.1:11334",
    ["/usr/local/bin/learn-junk"],
  ]);
});

Deno.test("docs/junk.md: its program hands each verdict to SpamAssassin", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-junk-" });
  try {
    const script = async (name: string, text: string) =>
      await Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o700 });
    await script("sa-learn", `#!/bin/sh\necho "$*" >> ${folder}/told\ncat >> ${folder}/told\n`);
    await script("learn", blocks("sh")[0].replaceAll("exec sa-learn", `exec ${folder}/sa-learn`));
    const classifier = await classifierOf({ command: [`${folder}/learn`], maxSize: 1000, concurrency: 1 });
    for (const verdict of ["junk", "notjunk", "forget"] as const) {
      const message = new TextEncoder().encode(`Subject: ${verdict}\n`);
      assert.equal((await classifier.tell(verdict, message, new AbortController().signal)).result, "told");
    }
    assert.equal(
      await Deno.readTextFile(`${folder}/told`),
      "--spam\nSubject: junk\n--ham\nSubject: notjunk\n--forget\nSubject: forget\n",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
