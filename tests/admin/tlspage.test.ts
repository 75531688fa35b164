import assert from "node:assert/strict";
import { makeSelfSigned } from "../../server/config/tls.ts";
import { cliTest } from "./cli.ts";

const page = Deno.readTextFileSync(new URL("../../docs/tls.md", import.meta.url));

function blocks(language: string): string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, of]) => of === language).map(([, , text]) => text);
}

cliTest("docs/tls.md: its configurations are valid", async ({ roost, write, directory }) => {
  const examples = blocks("yaml");
  assert.ok(examples.length >= 2);
  for (const name of ["mail.example.org", "mail.example.net"]) {
    const { cert, key } = await makeSelfSigned(name);
    write(`${name}.pem`, cert);
    write(`${name}.key`, key);
  }
  for (const example of examples) {
    write("roost.yaml", example.replaceAll("/etc/ssl", directory));
    const checked = await roost(["config", "check", "--no-ports", "--config", "roost.yaml"]);
    assert.deepEqual(checked, { code: 0, stdout: "configuration is valid\n", stderr: "" });
  }
});

cliTest("docs/tls.md: its commands work", async ({ roost, write, directory }) => {
  write("roost.yaml", blocks("yaml")[1]);
  const inline = /`roost (tlskey generate [^`]*)`/.exec(page)?.[1] ?? "";
  assert.equal(
    (await roost(["account", "add", "ann@example.org", "--password-stdin", "-c", "roost.yaml"], "x")).code,
    0,
  );
  await Deno.mkdir(`${directory}/data/acme`); // As a server has made it.
  const lines = blocks("sh").flatMap((text) => text.trimEnd().split("\n"));
  assert.ok(lines.length >= 3);
  for (
    const line of [
      `roost ${inline} --config /etc/roost.yaml`,
      "roost acme status --json --config /etc/roost.yaml",
      ...lines,
    ]
  ) {
    const [program, ...args] = line.replace("/etc/roost.yaml", "roost.yaml").split(" ");
    assert.equal(program, "roost");
    const { code, stderr } = await roost(args);
    assert.equal(code, 0, `${line}: ${stderr}`);
  }
});
