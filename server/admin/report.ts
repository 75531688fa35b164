/** Where faults of a subcommand end: one line on standard error for each thing that is wrong. */
import { StoreError } from "../../store/types.ts";
import { ConfigError } from "../config/load.ts";
import { printable } from "../printable.ts";
import { AdminError } from "./errors.ts";

/** @returns the exit code: 1, or the one that the error names */
export function report(error: unknown): number {
  if (error instanceof AdminError || error instanceof StoreError || error instanceof ConfigError) {
    for (const line of error.message.split("\n")) console.error(`roost: ${printable(line)}`);
    return error instanceof AdminError ? error.exitCode : 1;
  }
  if (error instanceof Deno.errors.BrokenPipe) return 1; // as in `roost account list | head -1`
  console.error("roost: this should not have happened:", error);
  return 1;
}
