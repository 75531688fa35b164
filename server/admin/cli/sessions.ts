/** `roost sessions`. */
import type { Command } from "commander";
import type { ConfigFile } from "./arguments.ts";

export function addSessionCommands(program: Command, config: ConfigFile): void {
  const group = program.command("sessions")
    .description("who is connected to the running server (its listeners, not `imapserve`)")
    .helpCommand(false);
  const commands = () => import("../sessionlist.ts");

  group.command("list", { isDefault: true })
    .description(
      "list sessions: number, account, from where, since when, idle for how long, protocol, TLS, mailbox, program; the word list can be left out",
    )
    .argument("[address]", "of this account only")
    .option("--json", "as a JSON array")
    .action(async (address: string | undefined, options) => (await commands()).sessionList(config(), address, options));
  group.command("end")
    .description("end all sessions of an account, or one session")
    .argument("<address>", "account, or the number of a session")
    .action(async (which: string) => (await commands()).sessionEnd(config(), which));
}
