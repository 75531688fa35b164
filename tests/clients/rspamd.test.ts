/** A real rspamd learns what a client says of junk. */
import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";
import { Observer } from "./support/observer.ts";
import { clientSuite, type Scene } from "./support/suite.ts";
import { mail } from "./support/mail.ts";

const test = clientSuite({ name: "rspamd", programs: ["rspamd"], packages: "rspamd" });

const PASSWORD = "learning-word";

/** A controller alone, with a classifier that needs no Redis. */
function configuration(folder: string, port: number): string {
  return `
options { pidfile = "${folder}/pid"; filters = ""; hs_cache_dir = "${folder}"; tempdir = "${folder}";
  url_tld = "/usr/share/rspamd/effective_tld_names.dat"; dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; } }
logging { type = "console"; level = "warning"; }
worker "controller" { bind_socket = "127.0.0.1:${port}"; password = "${PASSWORD}-read"; enable_password = "${PASSWORD}"; count = 1; }
classifier "bayes" {
  tokenizer { name = "osb"; }
  backend = "sqlite3"; min_tokens = 1; min_learns = 1;
  statfile { symbol = "BAYES_HAM"; spam = false; path = "${folder}/ham.sqlite"; }
  statfile { symbol = "BAYES_SPAM"; spam = true; path = "${folder}/spam.sqlite"; }
}
`;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

interface Rspamd {
  readonly url: string;
  /** What it has learned. */
  learned(): Promise<{ spam: number; ham: number }>;
}

async function withRspamd(scene: Scene, work: (rspamd: Rspamd) => Promise<void>): Promise<void> {
  const folder = await scene.folder("rspamd");
  const port = freePort();
  const file = await scene.file("rspamd.conf", configuration(folder, port));
  const child = new Deno.Command("rspamd", {
    args: ["-f", "-i", "-u", "root", "-g", "root", "-c", file],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  const stat = async () => {
    const response = await fetch(`${url}/stat`, { headers: { Password: PASSWORD } });
    const { statfiles } = await response.json() as { statfiles: { symbol: string; revision: number }[] };
    const of = (symbol: string) => statfiles.find((file) => file.symbol === symbol)?.revision ?? 0;
    return { spam: of("BAYES_SPAM"), ham: of("BAYES_HAM") };
  };
  try {
    await eventually(() => stat().then(() => true, () => false));
    await work({ url, learned: stat });
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

async function eventually(met: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !await met();) {
    if (Date.now() > end) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("learns what is moved into Junk, and learns the opposite when it is moved out again", async (scene) => {
  await withRspamd(scene, async ({ url, learned }) => {
    const passwordFile = await scene.file("password", `${PASSWORD}\n`);
    await using server = await startServer({ config: { junk: { rspamd: url, passwordFile } } });
    await server.addAccount("ann@example.org", "secret");
    const ann = await Observer.connect(server.imapPort, "ann@example.org", "secret");
    await ann.append(
      "INBOX",
      mail("Cheap pills", "Buy these wonderful cheap pills today with great discount offers.\r\n"),
    );
    await ann.command("SELECT INBOX");
    await ann.command("MOVE 1 Junk");
    await eventually(async () => (await learned()).spam === 1);
    await ann.command("SELECT Junk");
    await ann.command("MOVE 1 INBOX");
    await eventually(async () => (await learned()).ham === 1);
    assert.deepEqual(server.takeErrors(), []);
    await ann.close();
  });
});

test("is not needed: a program learns, with the permissions that a server has", async (scene) => {
  const program = await scene.file(
    "learn",
    `#!/bin/sh\necho "$1" >> ${scene.path("told")}\ngrep Subject >> ${scene.path("told")}\n`,
    0o700,
  );
  await using server = await startServer({ config: { junk: { command: [program] } } });
  await server.addAccount("ann@example.org", "secret");
  const ann = await Observer.connect(server.imapPort, "ann@example.org", "secret");
  await ann.append("INBOX", mail("Cheap pills", "Buy.\r\n"));
  await ann.command("SELECT INBOX");
  await ann.command("STORE 1 +FLAGS ($Junk)");
  const told = () => Deno.readTextFile(scene.path("told")).catch(() => "");
  await eventually(async () => (await told()).endsWith("Subject: Cheap pills\r\n"));
  assert.equal(await told(), "junk\nSubject: Cheap pills\r\n");
  await ann.close();
});
