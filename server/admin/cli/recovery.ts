/** What brings mail back. */
import type { Command } from "commander";
import { parsePast } from "../past.ts";
import { checked, type ConfigFile } from "./arguments.ts";

export function addRecoveryCommands(program: Command, config: ConfigFile): void {
  program.command("undelete")
    .description(
      "put expunged messages back where they were: all that are still kept (`undelete` in the configuration), or some; tells how many",
    )
    .argument("<address>", "account")
    .option(
      "--since <time>",
      "those expunged then or later: 90m, 12h, 1d, 2026-01-31, 2026-01-31T12:00:00Z",
      checked((text) => parsePast(text, Math.floor(Date.now() / 1000))),
    )
    .option("-m, --mailbox <name>", "those that were in it")
    .option("--list", "list them and change nothing: when expunged, mailbox, size, date, sender, subject")
    .option("--json", "as a JSON array")
    .action(async (address: string, options) => {
      const { undelete } = await import("../undelete.ts");
      await undelete(config(), address, options);
    });
}
