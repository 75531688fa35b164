/** The two ways to tell a classifier: rspamd's controller by HTTP, or a program. */
import type { Config } from "../config/schema.ts";
import type { Verdict } from "../../store/upkeep.ts";

/** "told": it knows; "refused": it will never take this message; "later": it could not now. `why` is for the log. */
export interface Answer {
  readonly result: "told" | "refused" | "later";
  readonly why?: string;
}

export interface Classifier {
  /** Never rejects. */
  tell(verdict: Verdict, message: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Answer>;
}

export type JunkConfig = NonNullable<Config["junk"]>;

const PATIENCE = 30_000;
/** EX_TEMPFAIL of sysexits.h. */
const TRY_AGAIN = 75;
/** Of an answer, for the log. */
const MAX_ANSWER = 4096;

/** @throws {Error} the password file cannot be read */
export async function classifierOf({ rspamd, passwordFile, command }: JunkConfig): Promise<Classifier> {
  if (command) {
    return { tell: (verdict, message, signal) => patiently(signal, (s) => run(command, verdict, message, s)) };
  }
  const password = passwordFile === undefined ? undefined : (await Deno.readTextFile(passwordFile)).trim();
  const base = rspamd?.replace(/\/+$/, "") ?? "";
  return {
    tell: (verdict, message, signal) => patiently(signal, (s) => learn(base, password, verdict, message, s)),
  };
}

async function patiently(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  try {
    return await work(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]));
  } catch (error) {
    return { result: "later", why: error instanceof Error ? error.message : String(error) };
  }
}

/** rspamd unlearns the opposite by itself; it has no way to forget. */
async function learn(
  base: string,
  password: string | undefined,
  verdict: Verdict,
  message: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Answer> {
  if (verdict === "forget") return { result: "told" };
  const response = await fetch(`${base}/${verdict === "junk" ? "learnspam" : "learnham"}`, {
    method: "POST",
    body: message,
    headers: password === undefined ? {} : { Password: password },
    redirect: "error",
    signal,
  });
  const why = `${response.status} ${await firstOf(response)}`;
  // 204: too little to learn from; 404 or 208: it knows this message already.
  if (response.ok || why.includes("already learned")) return { result: "told", why };
  return {
    result: response.status >= 500 || response.status === 401 || response.status === 403 ? "later" : "refused",
    why,
  };
}

async function firstOf(response: Response): Promise<string> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.length > MAX_ANSWER) break;
  }
  return text.slice(0, MAX_ANSWER);
}

async function run(
  [program, ...args]: readonly string[],
  verdict: Verdict,
  message: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Answer> {
  const child = new Deno.Command(program, {
    args: [...args, verdict],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    signal,
  }).spawn();
  const writer = child.stdin.getWriter();
  // It may end without having read all: its exit code tells.
  await writer.write(message).then(() => writer.close()).catch(() => {});
  const { code } = await child.status;
  if (code === 0) return { result: "told" };
  return { result: code === TRY_AGAIN || signal.aborted ? "later" : "refused", why: `exit code ${code}` };
}
