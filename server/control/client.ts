/** The command line's end of the control socket. */
import { writeAll } from "./line.ts";
import { type ControlRequest, MAX_LINE, type SessionFacts, socketOf } from "./protocol.ts";
import { replySchema } from "./schemas.ts";

/** Longest wait for the whole answer, in ms. */
const TIME = 20_000;
/** Most sessions of an answer. */
const MOST = 1_000_000;

export interface ControlAnswer {
  readonly sessions: readonly SessionFacts[];
  /** How many were listed or ended. */
  readonly count: number;
}

/**
 * Asks the running server.
 * @returns undefined: none runs
 * @throws {Error} it did not answer, or said what is wrong
 */
export async function askServer(dataDir: string, request: ControlRequest): Promise<ControlAnswer | undefined> {
  const connection = await connect(dataDir);
  if (!connection) return undefined;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.close();
  }, TIME);
  try {
    await writeAll(connection, `${JSON.stringify(request)}\n`);
    return await readAnswer(connection);
  } catch (error) {
    throw late ? new Error("the server does not answer") : error;
  } finally {
    clearTimeout(timer);
    if (!late) connection.close();
  }
}

async function connect(dataDir: string): Promise<Deno.UnixConn | undefined> {
  try {
    return await Deno.connect({ transport: "unix", path: socketOf(dataDir) });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) return undefined;
    throw error;
  }
}

async function readAnswer(connection: Deno.UnixConn): Promise<ControlAnswer> {
  const sessions: SessionFacts[] = [];
  for await (const line of lines(connection)) {
    const reply = replySchema.parse(JSON.parse(line));
    if ("fault" in reply) throw new Error(reply.fault);
    if ("done" in reply) return { sessions, count: reply.done };
    if (sessions.push(reply.session) > MOST) break;
  }
  throw new Error("the server's answer is cut off");
}

async function* lines(connection: Deno.UnixConn): AsyncGenerator<string> {
  const buffer = new Uint8Array(MAX_LINE);
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    const parts = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
    if (rest.length > MAX_LINE) return;
  }
}
