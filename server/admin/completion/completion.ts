/** Scripts that make shells complete the command line, from the command line's own tree. */
import type { Command } from "commander";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { placesOf } from "./tree.ts";
import { zshScript } from "./zsh.ts";

export type Shell = "bash" | "zsh" | "fish";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

export function completionScript(program: Command, shell: Shell): string {
  return SCRIPTS[shell](placesOf(program));
}
