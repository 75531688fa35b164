/**
 * Bounds on what an attack may cost. Time is the processor's, not the clock's, so that a busy machine fails no test; memory is the
 * peak of what the process holds above where it stood before, where the system tells it (Linux).
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { TestClient } from "../support/protocol.ts";

export interface Bound {
  /** Seconds of processor time. */
  readonly seconds: number;
  /** MiB that may be held at once beyond what was held before. */
  readonly mib: number;
  /** The process looked at; this one, which serves the in-memory connections, unless given. */
  readonly pid?: number;
}

/** Runs an attack. @throws {AssertionError} it cost more than the bound */
export async function within<T>({ seconds, mib, pid = Deno.pid }: Bound, attack: () => Promise<T>): Promise<T> {
  const before = resident(pid);
  resetPeak(pid);
  const started = processorSeconds(pid);
  const result = await attack();
  const took = processorSeconds(pid) - started;
  const grown = peak(pid) - before;
  if (Deno.env.get("ROOST_SHOW_COST")) console.log(`    ${took.toFixed(2)} s, ${grown.toFixed(0)} MiB`);
  assert(took <= seconds, `took ${took.toFixed(2)} s of processor time; ${seconds} are allowed`);
  assert(grown <= mib, `memory grew by ${grown.toFixed(0)} MiB; ${mib} are allowed`);
  return result;
}

/** MiB in memory now; 0 where the system does not tell. */
export function resident(pid: number = Deno.pid): number {
  return statusField(pid, "VmRSS");
}

function peak(pid: number): number {
  return statusField(pid, "VmHWM");
}

function statusField(pid: number, field: string): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024;
  } catch (error) {
    if (Deno.build.os === "linux") throw error;
    return 0;
  }
}

/** From here on the peak is that of what comes. */
function resetPeak(pid: number): void {
  if (Deno.build.os === "linux") Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** User and system time; 0 where the system does not tell. */
export function processorSeconds(pid: number = Deno.pid): number {
  if (Deno.build.os !== "linux") return 0;
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Sends a command that may be refused; its tagged line. The connection must go on. */
export async function survived(client: TestClient, command: string | Uint8Array): Promise<string> {
  await client.send(Buffer.concat([Buffer.from("x "), bytes(command), Buffer.from("\r\n")]));
  const tagged = (await client.answer("x")).at(-1) ?? "";
  assert.doesNotMatch(tagged, /SERVERBUG/);
  await client.ok("NOOP");
  return tagged;
}

export function bytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "latin1") : data;
}

/** One byte a character, as it goes over the wire. */
export function literal(data: string | Uint8Array, marker = ""): string {
  const text = typeof data === "string" ? data : Buffer.from(data).toString("latin1");
  return `${marker}{${text.length}+}\r\n${text}`;
}
