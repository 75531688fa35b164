import { clientSuite } from "./support/suite.ts";
import { runScript } from "./support/script.ts";

const test = clientSuite({
  name: "imaplib",
  programs: ["python3"],
  packages: "python3",
  probe: ["python3", "-c", "import imaplib, ssl"],
});

for (
  const [part, title] of [
    ["login", "logs in each way it can, and is refused"],
    ["mailboxes", "makes, lists, renames, subscribes and deletes mailboxes"],
    ["messages", "appends, fetches, searches, flags, copies, moves and expunges"],
    ["sessions", "sees what another session does, in NOOP and in IDLE"],
    ["many", "works on ranges of many messages"],
  ]
) {
  test(title, (scene) => runScript(scene, "python3", "imaplib_client.py", part));
}

test("logs in with a password that must be quoted", async (scene) => {
  const address = `quoted-${crypto.randomUUID().slice(0, 8)}@example.org`;
  const password = ' a "quoted\\" pass%word{3} ';
  await scene.server.addAccount(address, password);
  await runScript({ ...scene, address, password, run: scene.run.bind(scene) }, "python3", "imaplib_client.py", "login");
}, { roostOnly: true });
