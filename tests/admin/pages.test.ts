import assert from "node:assert/strict";
import { commandsPage } from "../../scripts/commandspage.ts";
import { metricsPage } from "../../scripts/metricspage.ts";

const committed = (page: string) => Deno.readTextFileSync(new URL(`../../docs/${page}`, import.meta.url));

Deno.test("docs/commands.md is what `deno task docs` makes", () => {
  assert.equal(committed("commands.md"), commandsPage(), "run `deno task docs`");
});

Deno.test("docs/metrics.md is what `deno task docs` makes", async () => {
  assert.equal(committed("metrics.md"), await metricsPage(), "run `deno task docs`");
});
