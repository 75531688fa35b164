/**
 * The log: one line an event on standard error, logfmt or JSON. Rooms take their logger with `getLogger(["roost", "imap"])` and
 * bind what all their lines share (`logger.with({ connection: 17 })`).
 *
 * Levels: error, something must be repaired; warning, somebody should look; info, what an administrator wants to read back
 * (start, login, delivery); debug, connections coming and going; trace, the protocol.
 */
import { configure, getJsonLinesFormatter, getLogfmtFormatter, type LogLevel, type LogRecord } from "@logtape/logtape";
import type { Config } from "./config/schema.ts";
import { printable } from "./printable.ts";

const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warning", "error", "fatal"];

/**
 * Sets up logging for the whole process. `least` raises the level for runs whose standard error a person reads.
 * @param write takes each finished line; for tests.
 */
export async function setUpLog(
  { level, format }: Config["log"],
  { least = "trace", write = writeStderr }: { least?: LogLevel; write?: (line: string) => void } = {},
): Promise<void> {
  const lowestLevel = LEVELS.indexOf(level) >= LEVELS.indexOf(least) ? level : least;
  const formatter = format === "json"
    ? getJsonLinesFormatter({ categorySeparator: ".", message: "rendered", properties: "flatten" })
    : getLogfmtFormatter({ categorySeparator: "." });
  await configure({
    reset: true,
    sinks: { stderr: (record: LogRecord) => write(oneLine(formatter(withErrorsAsText(record)))) },
    loggers: [
      { category: ["roost"], lowestLevel, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
}

/** Errors in the sentence as what they say, beside it with their stack: what the formatters make of them is JSON in a string. */
function withErrorsAsText(record: LogRecord): LogRecord {
  const values = Object.entries(record.properties);
  if (!values.some(([, value]) => value instanceof Error)) return record;
  return {
    ...record,
    message: record.message.map((part) => part instanceof Error ? part.message : part),
    properties: Object.fromEntries(
      values.map(([key, value]) => [key, value instanceof Error ? value.stack ?? String(value) : value]),
    ),
  };
}

/** The formatters leave some characters as they are that are commands to a terminal. */
function oneLine(line: string): string {
  return `${printable(line.trimEnd())}\n`;
}

const encoder = new TextEncoder();

/** Written at once, so the last words of a dying process are there. Nobody reading them any more must not end the server. */
function writeStderr(line: string): void {
  const bytes = encoder.encode(line);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
