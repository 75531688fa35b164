import assert from "node:assert/strict";

Deno.test("the test task runs each room that it leaves out as a whole, or on its own", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const left = (/--ignore=(\S+)/.exec(tasks.test)?.[1] ?? "").split(",");
  const rooms = Array.fromAsync(Deno.readDir(new URL("../rooms/", import.meta.url)), ({ name }) => name.slice(0, -3));
  const alone = [...tasks.test.matchAll(/deno test -A (tests\/\S+)/g)].map(([, directory]) => directory);
  assert.deepEqual(left.sort(), [...(await rooms).map((name) => `tests/${name}`), ...alone].sort());
});
