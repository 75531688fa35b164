/** Memory of processes, from /proc (Linux). */

/** Proportional set size of a process and all that it started, in bytes. */
export function memoryOf(root: number): number {
  let sum = 0;
  for (const pid of family(root)) {
    try {
      const kib = /^Pss:\s+(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`))?.[1];
      sum += Number(kib ?? 0) * 1024;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it has ended
    }
  }
  return sum;
}

function family(root: number): Set<number> {
  const parents = new Map<number, number>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  const members = new Set([root]);
  for (let before = 0; before !== members.size;) {
    before = members.size;
    for (const [pid, parent] of parents) if (members.has(parent)) members.add(pid);
  }
  return members;
}
