/** `roost config`. */
import type { Command } from "commander";
import type { ConfigFile } from "./arguments.ts";

/** @param exit takes the exit code of a command that ended without a fault */
export function addConfigCommands(program: Command, config: ConfigFile, exit: (code: number) => void): void {
  const group = program.command("config").description("check and describe the configuration").helpCommand(false);
  const commands = () => import("../config.ts");

  group.command("check")
    .description("tell all that is wrong with the configuration file")
    .option("--no-ports", "do not look whether the ports are free (while the server runs they are not)")
    .action(async (options: { ports: boolean }) => exit(await (await commands()).configCheck(config(), options)));
  group.command("example")
    .description("print a configuration file with every key and its default")
    .action(async () => (await commands()).configExample());
  group.command("schema")
    .description("print the configuration's JSON Schema")
    .action(async () => (await commands()).configSchemaText());
}
