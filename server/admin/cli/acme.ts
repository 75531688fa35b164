/** `roost acme`. */
import type { Command } from "commander";
import type { ConfigFile } from "./arguments.ts";

export function addAcmeCommands(program: Command, config: ConfigFile): void {
  const group = program.command("acme")
    .description("certificates that come and are renewed by themselves (tls.acme)")
    .helpCommand(false);
  const commands = () => import("../acme.ts");

  group.command("status")
    .description(
      "list the names: state, when the certificate expires, when it is renewed or tried again, what went wrong last",
    )
    .option("--json", "as a JSON array")
    .action(async (options) => (await commands()).acmeStatus(config(), options));
  group.command("renew")
    .description("let the running server order now, also where it waits after a failure")
    .argument("[name]", "for this name only")
    .action(async (name: string | undefined) => (await commands()).acmeRenew(config(), name));
}
