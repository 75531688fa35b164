import assert from "node:assert/strict";
import { permissionsOf } from "../../server/admin/permissions.ts";
import { parseConfig } from "../../server/config/load.ts";
import { connectImap, modesBelow } from "./permissionsupport.ts";
import { cliTest, converse, program } from "./cli.ts";

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "roost-permissions-" }));
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What works of these in a thread with the permissions of a configuration. */
async function allowed(config: string, tries: readonly (readonly [string, string?])[]): Promise<string[]> {
  const thread = new Worker(new URL("./programs/trespass.ts", import.meta.url), {
    type: "module",
    deno: { permissions: permissionsOf(parseConfig(config, undefined).config) },
  });
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  thread.addEventListener("message", (event: MessageEvent<string[]>) => resolve(event.data));
  thread.addEventListener("error", (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  });
  thread.postMessage(tries);
  try {
    return await promise;
  } finally {
    thread.terminate();
  }
}

Deno.test("the server's thread opens the data directory, certificates and libssl, and no other file", () =>
  inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/data`);
    await Deno.symlink("data", `${directory}/link`);
    for (const name of ["cert.pem", "key.pem", "other.pem"]) await Deno.writeTextFile(`${directory}/${name}`, "");
    const tries: [string, string?][] = [
      ["database", `${directory}/link/mail.db`],
      ["database", `${directory}/data/mail.db`],
      ["socket", `${directory}/data/run.sock`],
      ["database", `${directory}/mail.db`],
      ["read", `${directory}/cert.pem`],
      ["read", `${directory}/key.pem`],
      ["read", `${directory}/other.pem`],
      ["read", "/etc/passwd"],
      ["read", `${directory}/data/../other.pem`],
      ["write", `${directory}/cert.pem`],
      ["write", `${directory}/new`],
      ["listen", ""],
      ["openssl", ""],
      ["run", ""],
    ];
    const config = (engine: string) =>
      `dataDir: ${directory}/link
tls: { engine: ${engine}, cert: ${directory}/cert.pem, key: ${directory}/key.pem }
`;
    const files = [
      `database ${directory}/link/mail.db`,
      `database ${directory}/data/mail.db`,
      `socket ${directory}/data/run.sock`,
      `read ${directory}/cert.pem`,
      `read ${directory}/key.pem`,
      "listen",
    ];
    assert.deepEqual(await allowed(config("auto"), tries), [...files, "openssl"]);
    await Deno.remove(`${directory}/data/run.sock`).catch(() => {});
    assert.deepEqual(await allowed(config("deno"), tries), files);
  }));

Deno.test("a data directory that is still to be made is allowed by its path without links", () =>
  inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/disk`);
    await Deno.symlink("disk", `${directory}/link`);
    const { write } = permissionsOf(parseConfig(`dataDir: ${directory}/link/new/mail`, undefined).config);
    assert(Array.isArray(write));
    assert(write.includes(`${directory}/link/new/mail`));
    assert(write.includes(`${directory}/disk/new/mail`));
  }));

cliTest("whatever the umask is, what the server makes is its owner's alone", async ({ roost, write, directory }) => {
  write("roost.yaml", "dataDir: data\nlisteners: [{ protocol: imap, port: 0, cleartextLogin: true }]\n");
  const added = await roost(["account", "add", "a@b", "-c", "roost.yaml", "--password-stdin"], "x");
  assert.equal(added.code, 0, added.stderr);
  await Deno.remove(`${directory}/data`, { recursive: true });
  const words = [...program(), "serve", "-c", "roost.yaml"].map((word) => `'${word}'`).join(" ");
  const add = [...program(), "account", "add", "a@b", "-c", "roost.yaml", "--password-stdin"].map((word) =>
    `'${word}'`
  );
  const shell = new Deno.Command("sh", {
    args: ["-c", `umask 000; echo x | ${add.join(" ")} && exec ${words}`],
    cwd: directory,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    const conn = await connectImap(shell.stdout);
    await converse(conn, "a LOGIN a@b x\r\n", /^a OK .*\r\n/m);
    await converse(conn, "b APPEND INBOX {200000+}\r\n" + "x".repeat(199_998) + "\r\n\r\n", /^b OK .*\r\n/m);
    const modes = modesBelow(directory, "data");
    assert(modes.some(({ path }) => path.includes("/content/")), "a large message is there");
    assert(modes.some(({ path }) => path.endsWith(".sock")), "and a socket");
    assert.deepEqual(modes.filter(({ mode, kind }) => mode !== (kind === "folder" ? 0o700 : 0o600)), []);
    conn.close();
  } finally {
    shell.kill("SIGTERM");
    await shell.status;
  }
});

cliTest("a data directory with a long name works with the task's permissions", async ({ roost, write, start }) => {
  const dataDir = `deep/${"d".repeat(100)}`;
  write("roost.yaml", `dataDir: ${dataDir}\nlisteners: [{ protocol: imap, port: 0, cleartextLogin: true }]\n`);
  const server = start(["serve", "-c", "roost.yaml"]);
  assert.match(await server.line() ?? await server.stderr, /^listening imap /);
  const added = await roost(["account", "add", "a@b", "-c", "roost.yaml", "--password-stdin"], "x");
  assert.equal(added.code, 0, added.stderr);
  server.child.kill("SIGTERM");
  assert.equal((await server.child.status).code, 0);
});

cliTest(
  "where libssl cannot be loaded, auto is Deno's own TLS, and openssl is a fault",
  async ({ write, directory }) => {
    const check = async (engine: string) => {
      write("roost.yaml", `tls: { engine: ${engine} }\nlisteners: [{ protocol: imaps, port: 0 }]\n`);
      const [command, ...args] = program().filter((word) => word !== "--allow-ffi");
      const options = { cwd: directory, args: [...args, "config", "check", "-c", "roost.yaml"] };
      const { code, stderr } = await new Deno.Command(command, options).output();
      return { code, stderr: new TextDecoder().decode(stderr) };
    };
    assert.equal((await check("auto")).code, 0);
    assert.deepEqual(await check("openssl"), {
      code: 1,
      stderr: "roost: roost.yaml:1: tls.engine: libssl 3 cannot be loaded on this machine\n",
    });
  },
);
