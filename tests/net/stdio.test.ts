import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";
import { bytes, text } from "./support.ts";

const PROGRAM = fileURLToPath(new URL("./programs/stdio.ts", import.meta.url));

async function run(
  command: string,
  args: string[],
  input: string,
): Promise<{ out: string; err: string; code: number }> {
  const child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(bytes(input));
  await writer.close();
  const { stdout, stderr, code } = await child.output();
  return { out: text(stdout), err: text(stderr), code };
}

const deno = (...args: string[]): [string, string[]] => [Deno.execPath(), ["run", "--quiet", "-A", PROGRAM, ...args]];

Deno.test("stdin is read and stdout written", async () => {
  const long = "x".repeat(300_000);
  const { out, code } = await run(...deno(), `hello\n${long}\nend\n`);
  assert.equal(out, `HELLO\n${long.toUpperCase()}\nEND\n`);
  assert.equal(code, 0);
});

Deno.test("the end of stdin is the end of the connection", async () => {
  const { out, err, code } = await run(...deno(), "hello\nhal");
  assert.equal(out, "HELLO\n");
  assert.match(err, /ConnectionEnd/);
  assert.equal(code, 0);
});

Deno.test("descriptor 0 cannot be both ways when it is a pipe", async () => {
  const { err, code } = await run(...deno("--fd0"), "");
  assert.match(err, /descriptor 0/);
  assert.notEqual(code, 0);
});

/** Makes descriptor 0 of the program a socket or a terminal, and talks to it there; needs Python for want of socketpair(2) in Deno. */
const PEER = `
import os, socket, subprocess, sys, tty
kind, command = sys.argv[1], sys.argv[2:]
if kind == "socket":
    ours, theirs = socket.socketpair()
    send, receive = ours.sendall, ours.recv
else:
    master, slave = os.openpty()
    tty.setraw(slave)
    theirs = os.fdopen(slave, "r+b", buffering=0)
    send, receive = lambda b: os.write(master, b), lambda n: os.read(master, n)
child = subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL)
def exchange(line):
    send(line + b"\\n")
    got = b""
    while not got.endswith(b"\\n"): got += receive(65536)
    assert got == line.upper() + b"\\n", got[:100]
exchange(b"hello")
if kind == "socket":
    exchange(b"x" * 3000000)
    theirs.close()
exchange(b"end")
if kind == "socket":
    assert receive(1) == b""
    ours.close()
print(child.wait())
`;

const python = await hasPython();

for (const kind of ["socket", "terminal"]) {
  Deno.test({
    name: `descriptor 0 is used both ways when it is a ${kind}`,
    ignore: !python,
    async fn() {
      const [command, args] = deno("--fd0");
      const { out, err } = await run("python3", ["-c", PEER, kind, command, ...args], "");
      assert.equal(out.trim(), "0", err);
    },
  });
}

Deno.test({
  name: "a peer that leaves its socket is the end of the connection",
  ignore: !python,
  async fn() {
    const leave = PEER.replace('exchange(b"end")', "ours.close(); print(child.wait()); sys.exit()");
    const [command, args] = deno("--fd0");
    const { out, err } = await run("python3", ["-c", leave, "socket", command, ...args], "");
    assert.equal(out.trim(), "0", err);
    assert.match(err, /ConnectionEnd/);
  },
});

async function hasPython(): Promise<boolean> {
  try {
    return (await new Deno.Command("python3", { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}
