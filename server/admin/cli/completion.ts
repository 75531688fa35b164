/** `roost completion`. */
import { Argument, type Command } from "commander";
import type { Shell } from "../completion/completion.ts";

const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

export function addCompletionCommand(program: Command): void {
  program.command("completion")
    .description("print what makes a shell complete these commands, their options and accounts")
    .addArgument(new Argument("<shell>", "which one").choices(SHELLS))
    .addHelpText(
      "after",
      "\nFor this shell only: source <(roost completion bash), the same with zsh; roost completion fish | source\n" +
        "For good: into a file that the shell reads, such as /etc/bash_completion.d/roost,\n" +
        "_roost in a folder of zsh's fpath, or ~/.config/fish/completions/roost.fish",
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import("../completion/completion.ts");
      console.log(completionScript(program, shell));
    });
}
