import assert from "node:assert/strict";
import { makeProgram } from "../../server/admin/cli.ts";
import { completionScript, type Shell } from "../../server/admin/completion/completion.ts";
import { runProgram } from "../support/server.ts";
import { cliTest, type Place, program } from "./cli.ts";

const script = (shell: Shell) => completionScript(makeProgram(() => {}), shell);

/** Gives what a shell offers at the end of a line, in the order of the alphabet. */
type Complete = (place: Place, line: string) => Promise<string[]>;

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

async function output(words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runProgram(words);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").toSorted();
}

const bash: Complete = ({ directory }, line) =>
  output([
    "bash",
    "--norc",
    "-c",
    `cd ${quote(directory)}; PATH=.:$PATH; . ./roost.bash
     [[ $(complete -p roost) == "complete -F _roost roost" ]] || exit 3
     COMP_LINE=${quote(line)}; COMP_POINT=\${#COMP_LINE}
     # What Bash takes for the word that is completed.
     _roost roost ${quote(/(?:@|(?<=[\s=]))[^\s@=]*$/.exec(line)?.[0] ?? "")} 2>/dev/null
     for word in "\${COMPREPLY[@]}"; do printf '%s\\n' "$word"; done`,
  ]);

/** What would fill the list is replaced by what prints it. */
const zsh: Complete = ({ directory }, line) =>
  output([
    "zsh",
    "-f",
    "-c",
    `cd ${quote(directory)}; PATH=.:$PATH
     compdef() { }
     words=("\${(z)1}"); [[ $1 == *' ' ]] && words+=('')
     cur=$words[-1]; CURRENT=$#words
     _describe() { [[ $1 == -o ]] && shift; for word in \${(P)2}; do offer \${word%%:*}; done }
     compadd() { [[ $1 == -a ]] && set -- \${(P)2}; [[ $1 == -- ]] && shift; for word; do offer $word; done }
     _files() { for word in *; do offer $word; done }
     offer() { [[ $1 == $cur* ]] && print -r -- $1; true }
     . ./roost.zsh; _roost`,
    "zsh",
    line,
  ]);

const fish: Complete = async ({ directory }, line) => {
  const lines = await output([
    "fish",
    "--no-config",
    "-c",
    `cd ${quote(directory)}; set -x PATH . $PATH; source ./roost.fish; complete -C ${quote(line)}`,
  ]);
  return lines.map((text) => text.split("\t")[0]);
};

const SHELLS: readonly (readonly [Shell, Complete])[] = [["bash", bash], ["zsh", zsh], ["fish", fish]];

/** The script, and `roost`, which both the shell and the script call. */
async function prepare({ directory, write }: Place, shell: Shell): Promise<void> {
  write(`roost.${shell}`, script(shell));
  write("roost", `#!/bin/sh\nexec ${program().map(quote).join(" ")} "$@"\n`);
  await Deno.chmod(`${directory}/roost`, 0o755);
}

async function isThere(shell: string): Promise<boolean> {
  try {
    await new Deno.Command(shell, { args: ["-c", "exit 0"] }).output();
    return true;
  } catch {
    return Deno.env.has("ROOST_REQUIRE_CLIENTS");
  }
}

for (const [shell, complete] of SHELLS) {
  if (!await isThere(shell)) continue;

  cliTest(`${shell} completes commands, options and their values`, async (place) => {
    await prepare(place, shell);
    place.write("mail.yaml", "");
    const offers = async (line: string, ...expected: string[]) =>
      assert.deepEqual((await complete(place, line)).filter((word) => word !== ""), expected.toSorted(), line);
    await offers("roost ac", "account", "acme");
    await offers("roost account address ", "add", "list", "remove");
    await offers("roost account rem", "remove");
    await offers("roost account remove --n", "--now");
    await offers("roost completion ", "bash", "zsh", "fish");
    await offers("roost import m", "maildir", "mbox");
    await offers("roost --config m", "mail.yaml");
    await offers("roost --config mail.yaml account en", "enable");
    await offers("roost account quota --messages ");
  });

  cliTest(`${shell} completes accounts, of the configuration that the line names`, async (place) => {
    await prepare(place, shell);
    place.write("other.yaml", "dataDir: other\n");
    const add = async (...args: string[]) =>
      assert.equal((await place.roost(["account", "add", "--password-stdin", ...args], "a long secret")).code, 0);
    await add("ann@example.org");
    await add("bob@example.org");
    await add("zoe@example.net", "-c", "other.yaml");
    assert.deepEqual(await complete(place, "roost account passwd a"), ["ann@example.org"]);
    // Bash replaces what stands from the @ on.
    const behind = shell === "bash" ? "@example.org" : "bob@example.org";
    assert.deepEqual(await complete(place, "roost quota bob@ex"), [behind]);
    assert.deepEqual(await complete(place, "roost -c other.yaml account disable "), ["zoe@example.net"]);
    assert.deepEqual(await complete(place, "roost -c none.yaml account disable "), []);
    assert.ok((await complete(place, "roost sessions ")).includes("ann@example.org"));
  });

  cliTest(`${shell}: nothing in an address is run`, async (place) => {
    await prepare(place, shell);
    const address = "$(touch${IFS}hit)`touch${IFS}hit`;*@example.org";
    assert.equal((await place.roost(["account", "add", "--password-stdin", address], "a long secret")).code, 0);
    const [offered] = await complete(place, "roost quota ");
    if (shell === "bash") {
      await output(["bash", "-c", `cd ${quote(place.directory)}; [ ${offered} = ${quote(address)} ]`]);
    } else assert.equal(offered, address);
    assert.ok(![...Deno.readDirSync(place.directory)].some(({ name }) => name.includes("hit")));
  });

  Deno.test(`${shell} finds no fault in its script`, async () => {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, script(shell));
    assert.deepEqual(await output([shell, "-n", file]), []);
    await Deno.remove(file);
  });
}

cliTest("completion prints the script for a shell, and names those that there are", async ({ roost }) => {
  assert.equal((await roost(["completion", "zsh"])).stdout, `${script("zsh")}\n`);
  const { code, stderr } = await roost(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});
