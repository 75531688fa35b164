/** docs/accounts.md and docs/install.md, followed word by word; only where things are differs, and what needs a real machine's systemd. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { runProgram, startServer } from "../support/server.ts";
import { cliTest, program } from "./cli.ts";

const page = (name: string) => Deno.readTextFileSync(new URL(`../../docs/${name}`, import.meta.url));

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```([^\n]+)\n(.*?)^```$/gms)].filter(([, of]) => of === language).map(([, , text]) =>
    text
  );
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A program of that name that runs these words. */
async function makeProgram(path: string, words: readonly string[]): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\nexec ${words.map(quote).join(" ")} "$@"\n`);
  await Deno.chmod(path, 0o755);
}

/** Nobody types a password here. */
const typed = (script: string) =>
  script.replace(/^(roost account (?:add|passwd) [^-\n]\S*)/gm, "printf 'a long secret' | $1 --password-stdin");

async function shell(directory: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram(["sh", "-ec", `cd ${quote(directory)}; PATH=.:$PATH\n${script}`]);
  assert.equal(code, 0, `${script}\n${stderr}`);
  return new TextDecoder().decode(stdout);
}

Deno.test("docs/accounts.md: its commands work, in their order, beside a running server", async () => {
  await using server = await startServer();
  if (server.foreign) return;
  const directory = await Deno.makeTempDir({ prefix: "roost-page-" });
  await Deno.writeTextFile(`${directory}/users.txt`, "bob@example.org\tsecret of bob\n");
  await makeProgram(`${directory}/roost`, server.command([]).slice(0, -2));
  const configured = (script: string) =>
    script.replace(/\broost (?=[a-z])/g, `roost --config ${quote(server.configFile)} `);
  const printed: string[] = [];
  for (const block of blocks(page("accounts.md"), "sh")) {
    for (const line of block.trimEnd().split("\n")) printed.push(await shell(directory, configured(typed(line))));
  }
  assert.ok(printed.length > 25);
  assert.match(printed[2], /^ann@example.org\tenabled\tdefault\nbob@example.org\tenabled\t10737418240\n$/);
  assert.match(printed.join(""), /@example.org\tall of the domain\n/);
  assert.deepEqual(server.takeErrors(), []);
  await Deno.remove(directory, { recursive: true });
});

cliTest("docs/install.md: its commands work", async ({ directory, write, roost }) => {
  const text = page("install.md");
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
  for (const [, task] of text.matchAll(/^deno task (\S+)$/gm)) assert.ok(task in tasks, task);
  for (const folder of ["usr/local/bin", "etc/systemd/system", "etc/bash_completion.d", "var/lib", "contrib/systemd"]) {
    await Deno.mkdir(`${directory}/${folder}`, { recursive: true });
  }
  const unit = Deno.readTextFileSync(new URL("../../contrib/systemd/roost.service", import.meta.url));
  // Of what cannot be here: the compiler, an account and a service of this machine.
  for (const name of ["deno", "useradd", "systemctl", "curl", "systemd-analyze"]) {
    await makeProgram(`${directory}/${name}`, ["true"]);
  }
  write("contrib/systemd/roost.service", unit);
  await makeProgram(`${directory}/roost`, program());
  const config = { ...parse(blocks(text, "yaml")[0]), dataDir: `${directory}/var/lib/roost`, tls: undefined };
  for (const listener of config.listeners) listener.port = 0;
  write("etc/roost.yaml", JSON.stringify(config));
  const user = (await shell(directory, "id -un; id -gn")).trim().split("\n");
  const script = typed(blocks(text, "sh").join("").replaceAll(/\/(?=(usr\/local|etc|var)\/)/g, `${directory}/`))
    .replace("-o roost -g roost", `-o ${user[0]} -g ${user[1]}`)
    .replace(/^alias roost='runuser -u roost -- (.*)'$/m, `roost() { $1 "$@"; }`);
  await shell(directory, script);
  assert.equal(
    (await roost(["account", "list", "-c", "etc/roost.yaml"])).stdout,
    "ann@example.org\tenabled\tdefault\n",
  );
  assert.match(Deno.readTextFileSync(`${directory}/etc/bash_completion.d/roost`), /complete -F _roost roost/);
  assert.equal(Deno.readTextFileSync(`${directory}/etc/systemd/system/roost.service`), unit);
});

cliTest("contrib/systemd/roost.service: systemd finds nothing wrong in it", async ({ directory, write }) => {
  const found = await runProgram(["sh", "-c", "command -v systemd-analyze"]);
  if (found.code !== 0) return;
  const unit = Deno.readTextFileSync(new URL("../../contrib/systemd/roost.service", import.meta.url));
  write("roost.service", unit.replace("/usr/local/bin/roost", "/bin/true"));
  const { code, stdout, stderr } = await runProgram([
    "systemd-analyze",
    "verify",
    "--recursive-errors=no",
    `${directory}/roost.service`,
  ]);
  assert.deepEqual([code, new TextDecoder().decode(stdout), stderr], [0, "", ""]);
});
