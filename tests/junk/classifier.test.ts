import assert from "node:assert/strict";
import { type Answer, classifierOf } from "../../server/junk/classifier.ts";
import type { Verdict } from "../../store/upkeep.ts";

const MAIL = new TextEncoder().encode("Subject: one\r\n\r\nHello.\r\n");
const never = new AbortController().signal;

async function byProgram(script: string, verdict: Verdict, signal = never): Promise<{ answer: Answer; out: string }> {
  const folder = await Deno.makeTempDir({ prefix: "roost-junk-" });
  try {
    await Deno.writeTextFile(`${folder}/learn`, `#!/bin/sh\ncd ${folder}\n${script}\n`, { mode: 0o700 });
    const classifier = await classifierOf({
      command: [`${folder}/learn`, "--user", "a b"],
      maxSize: 1e6,
      concurrency: 1,
    });
    const answer = await classifier.tell(verdict, MAIL, signal);
    return { answer, out: await Deno.readTextFile(`${folder}/out`).catch(() => "") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function byHttp(
  handler: (request: Request) => Response | Promise<Response>,
  verdict: Verdict = "junk",
): Promise<Answer> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "pass phrase\n");
  try {
    const rspamd = `http://127.0.0.1:${server.addr.port}/`;
    const classifier = await classifierOf({ rspamd, passwordFile: file, maxSize: 1e6, concurrency: 1 });
    return await classifier.tell(verdict, MAIL, never);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("a program gets its arguments, the verdict last, and the message on standard input", async () => {
  const { answer, out } = await byProgram('printf "%s\\n" "$@" > out; cat >> out', "notjunk");
  assert.deepEqual(answer, { result: "told" });
  assert.equal(out, "--user\na b\nnotjunk\nSubject: one\r\n\r\nHello.\r\n");
});

Deno.test("a program that does not read its input may say so by its exit code alone", async () => {
  assert.equal((await byProgram("exit 0", "junk")).answer.result, "told");
  assert.deepEqual((await byProgram("exit 3", "junk")).answer, { result: "refused", why: "exit code 3" });
  assert.equal((await byProgram("exit 75", "junk")).answer.result, "later");
});

Deno.test("a program that hangs is ended, and asked again later", async () => {
  const { answer } = await byProgram("exec sleep 100", "junk", AbortSignal.timeout(300));
  assert.equal(answer.result, "later");
});

Deno.test("a program that is not there is asked again later", async () => {
  const classifier = await classifierOf({ command: ["/nonexistent/learn"], maxSize: 1e6, concurrency: 1 });
  assert.equal((await classifier.tell("junk", MAIL, never)).result, "later");
});

Deno.test("rspamd's controller gets the message and the password", async () => {
  const seen: string[] = [];
  const answer = await byHttp(async (request) => {
    const { pathname } = new URL(request.url);
    seen.push(request.method, pathname, request.headers.get("Password") ?? "", await request.text());
    return Response.json({ success: true });
  }, "notjunk");
  assert.equal(answer.result, "told");
  assert.deepEqual(seen, ["POST", "/learnham", "pass phrase", "Subject: one\r\n\r\nHello.\r\n"]);
});

Deno.test("what rspamd knows already counts as told, what it refuses does not come again, the rest does", async () => {
  const status = (code: number, text = "") => byHttp(() => new Response(text, { status: code }));
  assert.equal((await status(404, '{"error":"<a@b> has been already learned as spam, ignore it"}')).result, "told");
  assert.equal((await status(400, "bad")).result, "refused");
  assert.equal((await status(401)).result, "later");
  assert.equal((await status(503)).result, "later");
});

Deno.test("an endless answer of rspamd is not read to its end", async () => {
  const answer = await byHttp(() =>
    new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65536).fill(0x61)) }))
  );
  assert.equal(answer.result, "told");
  assert.ok((answer.why?.length ?? 0) < 5000);
});

Deno.test("rspamd that is not there is asked again later", async () => {
  const classifier = await classifierOf({ rspamd: "http://127.0.0.1:9", maxSize: 1e6, concurrency: 1 });
  assert.equal((await classifier.tell("junk", MAIL, never)).result, "later");
});
