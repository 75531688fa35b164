/** Memory and CPU time of processes, from /proc (Linux). */
import process from "node:process";

/** The length of a tick in /proc, which is the same on all of Linux. */
const TICK = 10;

interface Member {
  readonly pid: number;
  readonly parent: number;
  /** Milliseconds, with those of its children that have ended. */
  readonly cpu: number;
}

/** Proportional set size of a process and all that it started, in bytes. */
export function memoryOf(root: number): number {
  let sum = 0;
  for (const { pid } of family(root)) {
    const kib = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1];
    sum += Number(kib ?? 0) * 1024;
  }
  return sum;
}

/** Forgets the peak that `peakOf` tells. */
export function resetPeak(root: number): void {
  for (const { pid } of family(root)) Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** The most resident memory that a process and all that it started had since `resetPeak`, each by itself, in bytes. */
export function peakOf(root: number): number {
  let sum = 0;
  for (const { pid } of family(root)) {
    sum += Number(/^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1] ?? 0) * 1024;
  }
  return sum;
}

/** Milliseconds of CPU that a process and all that it started have taken. */
export function cpuOf(root: number): number {
  return family(root).reduce((sum, { cpu }) => sum + cpu, 0);
}

/** Milliseconds of CPU that this process has taken, all threads together. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function family(root: number): Member[] {
  const all: Member[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : undefined;
    if (stat === undefined) continue;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    all.push({ pid: Number(name), parent: Number(fields[1]), cpu: ticks * TICK });
  }
  const children = Map.groupBy(all, ({ parent }) => parent);
  const members = all.filter(({ pid }) => pid === root);
  for (const { pid } of members) members.push(...children.get(pid) ?? []);
  return members;
}

/** @returns undefined when the process has ended */
function read(file: string): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    // ESRCH comes as an error of no class of its own.
    if (error instanceof Deno.errors.NotFound || (error as { code?: string }).code === "ESRCH") return undefined;
    throw error;
  }
}
