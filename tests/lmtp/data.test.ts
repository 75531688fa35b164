import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { LmtpStream } from "../../server/lmtp/data.ts";

/** What a message that is sent in these pieces is, and the commands behind it. */
async function read(...pieces: string[]): Promise<{ message: string; commands: string[] }> {
  const stream = new LmtpStream();
  const commands: string[] = [];
  stream.oncommand = (command, callback) => {
    commands.push(command.toString());
    callback?.();
  };
  const data = stream.startDataMode();
  for (const piece of pieces) stream.write(Buffer.from(piece, "latin1"));
  const parts: string[] = [];
  for await (const bytes of data) parts.push(bytes.toString("latin1"));
  const finished = new Promise((resolve) => stream.end(resolve));
  stream.continue();
  await finished;
  return { message: parts.join(""), commands };
}

const CASES: [sent: string, message: string, rest?: string][] = [
  [".\r\n", ""],
  ["x\r\n.\r\n", "x\r\n"],
  ["..\r\n.\r\n", ".\r\n"],
  [".x\r\n..y\r\n...\r\n.\r\n", "x\r\n.y\r\n..\r\n"],
  ["x.\r\n.\r\n", "x.\r\n"],
  ["x\n.\r\n.\r\n", "x\n.\r\n"],
  ["x\r.\r\n.\r\n", "x\r.\r\n"],
  ["x\r\n.\n.\r\n.\r\n", "x\r\n\n.\r\n"],
  ["x\r\n.\r.\r\n.\r\n", "x\r\n\r.\r\n"],
  ["x\r\n.\r\r\n.\r\n", "x\r\n\r\r\n"],
  ["x\r\r\n.\r\n", "x\r\r\n"],
  ["\r\n\r\n.\r\nNOOP\r\n", "\r\n\r\n", "NOOP"],
];

Deno.test("dots and the end of a message, wherever the bytes are cut (RFC 5321 §4.5.2)", async () => {
  for (const [sent, message, rest] of CASES) {
    const expected = { message, commands: rest === undefined ? [] : [rest] };
    for (let cut = 0; cut <= sent.length; cut++) {
      assert.deepEqual(await read(sent.slice(0, cut), sent.slice(cut)), expected, JSON.stringify([sent, cut]));
    }
    assert.deepEqual(await read(...sent), expected, JSON.stringify(sent));
  }
});
