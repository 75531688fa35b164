/** docs/commands.md, made from the command line's own help. */
import type { Command } from "commander";
import { makeProgram } from "../server/admin/cli.ts";

export function commandsPage(): string {
  const program = makeProgram(() => {});
  const sections = leaves(program).map((command) => {
    command.configureHelp({ helpWidth: 100, showGlobalOptions: false }).configureOutput({
      getOutHasColors: () => false,
    });
    return `## ${words(command)}\n\n\`\`\`text\n${command.helpInformation().trimEnd()}\n\`\`\`\n`;
  });
  return `# Commands

<!-- Made by \`deno task docs\` from server/admin/cli.ts; do not edit. -->

Every command takes \`--config FILE\`, before or after its name; without it all is default, with data in \`./data\`. What goes wrong is
one line on standard error; the exit code is then 1, or 2 for a wrong call. All but \`serve\` work beside a running server.

${sections.join("\n")}`;
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function words(command: Command): string {
  return command.parent ? `${words(command.parent)} ${command.name()}` : command.name();
}
