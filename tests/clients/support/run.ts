/** Runs the programs that tests drive: with a small environment of their own, and never for longer than they may. */
import { withTimeout } from "./observer.ts";

export interface RunOptions {
  readonly input?: string | Uint8Array;
  /** Keeps standard input open without sending more, as a terminal does. */
  readonly holdInput?: boolean;
  readonly env?: Record<string, string>;
  /** Exit codes that are no failure; the default is 0 alone. */
  readonly codes?: readonly number[];
  /** Milliseconds; the default is 20,000. */
  readonly timeout?: number;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const pump = async () => {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    text += decoder.decode();
  };
  const done = pump().catch((error) => {
    text += `\n(${error.message})`;
  });
  return { done, text: () => text, cancel: () => reader.cancel() };
}

/** What a program gets of ours: not HOME, so it finds no configuration but the test's. */
function environment(home: string): Record<string, string> {
  const cache = Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
  return {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: home,
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    TERM: "xterm",
    USER: "tester",
    DENO_DIR: cache,
    NO_COLOR: "1",
  };
}

/** @returns what it wrote, and as `fault` why that is a failure, or "" */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions & { readonly cwd: string },
): Promise<Ran & { fault: string }> {
  const { input, holdInput = false, timeout = 20_000, codes = [0] } = options;
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: options.cwd,
    clearEnv: true,
    env: { ...environment(options.cwd), ...options.env },
    stdin: input === undefined && !holdInput ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const writer = input === undefined && !holdInput ? undefined : child.stdin.getWriter();
  let code = -1;
  const work = async () => {
    if (input !== undefined) {
      await writer?.write(typeof input === "string" ? new TextEncoder().encode(input) : input.slice());
    }
    if (!holdInput) await writer?.close();
    code = (await child.status).code;
    await Promise.all([stdout.done, stderr.done]);
  };
  let fault = "";
  try {
    await withTimeout(work(), timeout, `did not end within ${timeout} ms`);
    if (!codes.includes(code)) fault = `ended with code ${code}`;
  } catch (error) {
    fault = (error as Error).message;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended, but what it started holds its output open.
    }
    await Promise.all([stdout.cancel(), stderr.cancel()]);
  }
  if (holdInput) await writer?.abort().catch(() => {}); // the pipe's other end is gone already
  return { code, stdout: stdout.text(), stderr: stderr.text(), fault };
}
