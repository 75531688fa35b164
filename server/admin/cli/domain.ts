/** `roost domain`. */
import type { Command } from "commander";
import type { ConfigFile } from "./arguments.ts";

export function addDomainCommands(program: Command, config: ConfigFile): void {
  const group = program.command("domain")
    .description("the domains of this server; where there is none, addresses may be of any")
    .helpCommand(false);
  const commands = () => import("../domain.ts");

  group.command("add")
    .description("allow addresses of a domain; new addresses must then be of one that was added")
    .argument("<domain>")
    .action(async (domain: string) => (await commands()).domainAdd(config(), domain));
  group.command("list")
    .description("list domains: name, state, how many addresses there are of it")
    .option("--json", "as a JSON array")
    .action(async (options) => (await commands()).domainList(config(), options));
  group.command("disable")
    .description("refuse logins of its accounts and end their sessions; mail to it waits at the mail server")
    .argument("<domain>")
    .action(async (domain: string) => (await commands()).domainDisable(config(), domain));
  group.command("enable")
    .description("allow logins and mail again")
    .argument("<domain>")
    .action(async (domain: string) => (await commands()).domainEnable(config(), domain));
  group.command("remove")
    .description("forget a domain that no address is of")
    .argument("<domain>")
    .action(async (domain: string) => (await commands()).domainRemove(config(), domain));
}
