/** A disk without space: refused with NO, nothing half done, and all is well when there is space again. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runProgram } from "../support/server.ts";

const CHILD = fileURLToPath(new URL("fullchild.ts", import.meta.url));

/** A mount that only this process sees, and that goes with it. */
const OWN_MOUNT = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    return (await runProgram([...OWN_MOUNT, "mount -t tmpfs -o size=64k tmpfs /mnt"])).code === 0;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a full disk refuses messages, keeps those it has, and takes more when there is room again",
  ignore: !await canMount(),
  fn: async () => {
    const directory = await Deno.makeTempDir({ prefix: "roost-full-" });
    try {
      const script = 'mount -t tmpfs -o size=8m tmpfs "$0" && TMPDIR="$0" exec "$1" run -A "$2"';
      const { code, stderr } = await runProgram([...OWN_MOUNT, script, directory, Deno.execPath(), CHILD]);
      assert.equal(code, 0, stderr);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
