/**
 * The program. A server that is started as usual does not wait for the command line: reading what can be called takes as long as
 * reading and checking the configuration.
 */
import { launch } from "./launch.ts";
import { report } from "./report.ts";

/** Not named in the import, as Deno reads all that imports name, and what those name, before it begins. */
const COMMAND_LINE = new URL("./cli.ts", import.meta.url).href;

/** Runs one subcommand to its end. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  if (!isPlainServe(args)) {
    const commandLine: typeof import("./cli.ts") = await import(COMMAND_LINE);
    return await commandLine.run(args);
  }
  try {
    await launch(args.at(2));
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** `serve`, alone or with `--config FILE` behind it. */
function isPlainServe([command, option, file, ...more]: readonly string[]): boolean {
  if (command !== "serve" || more.length > 0) return false;
  return option === undefined || (option === "--config" && file !== undefined && !file.startsWith("-"));
}
