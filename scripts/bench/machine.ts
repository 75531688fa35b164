/** Where something was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly system: string;
  /** Of the folder that has the servers' mail. */
  readonly fileSystem: string;
  /** Load average of the last minute when the run began: what else the machine did. */
  readonly load: number;
}

export async function thisMachine(): Promise<Machine> {
  const processor = /^model name\s*: (.*)$/m.exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1];
  return {
    processor: processor ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memory: Deno.systemMemoryInfo().total,
    system: `Linux ${Deno.osRelease()}`,
    fileSystem: await fileSystemOf(Deno.env.get("TMPDIR") ?? "/tmp"),
    load: Deno.loadavg()[0],
  };
}

async function fileSystemOf(folder: string): Promise<string> {
  const { stdout } = await new Deno.Command("stat", { args: ["-f", "-c", "%T", folder] }).output();
  return new TextDecoder().decode(stdout).trim();
}
