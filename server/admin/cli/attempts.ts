/** `roost attempts`. */
import { type Command, InvalidArgumentError } from "commander";
import { parsePast } from "../past.ts";
import { checked, type ConfigFile } from "./arguments.ts";

/** Lines shown unless another number is asked for. */
const MOST = 100;

export function addAttemptsCommand(program: Command, config: ConfigFile): void {
  program.command("attempts")
    .description(
      "list login attempts of the last 30 days, the latest first; equal ones are one line: last, count, result, name, address, mechanism, TLS, key, app password, program",
    )
    .argument("[address]", "of this account only")
    .option(
      "--since <time>",
      "not those before: 90m, 12h, 1d, 2026-01-31, 2026-01-31T12:00:00Z",
      checked((text) => parsePast(text, Math.floor(Date.now() / 1000))),
    )
    .option("--failed", "failed ones only")
    .option("--json", "as a JSON array")
    .option("-n, --most <number>", "at most so many lines; 0 is no limit", most, MOST)
    .action(async (address: string | undefined, options) => {
      const { attempts } = await import("../attempts.ts");
      await attempts(config(), address, options);
    });
}

function most(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a number.");
  return Number(text);
}
