/** The command line as a shell completes it. */
import type { Argument, Command, Option } from "commander";

/** What can stand where a value is expected: an account's address, a file or folder, one of some words, anything. */
export type Value = "address" | "file" | "any" | readonly string[];

export interface Choice {
  readonly name: string;
  readonly description: string;
}

export interface Flag {
  /** As "--json", "-m". */
  readonly names: readonly string[];
  readonly description: string;
  /** What comes behind it; undefined: nothing. */
  readonly value: Value | undefined;
}

/** Where one can be in the command line: behind the words of a command. */
export interface Place {
  /** "account add"; "" at the beginning. */
  readonly path: string;
  readonly commands: readonly Choice[];
  readonly flags: readonly Flag[];
  readonly values: readonly Value[];
  /** The last value may come again and again. */
  readonly variadic: boolean;
}

/** Text of a script in which `\${` stands for the shell's own `\${`. */
export function shellText({ raw }: TemplateStringsArray): string {
  return raw.join("").replaceAll("\\${", "${");
}

/** The beginning, and all commands and groups of commands. */
export function placesOf(program: Command): Place[] {
  return placesBelow(program, "");
}

function placesBelow(command: Command, path: string): Place[] {
  const help = command.createHelp();
  help.showGlobalOptions = true;
  const fallback = defaultOf(command);
  const options = [command, ...fallback ? [fallback] : []].flatMap((each) => help.visibleOptions(each));
  const place: Place = {
    path,
    commands: command.commands.map((each) => ({ name: each.name(), description: inShort(each.description()) })),
    flags: unique([...options, ...help.visibleGlobalOptions(command)].map(flagOf)),
    values: (fallback ?? command).registeredArguments.map(valueOfArgument),
    variadic: (fallback ?? command).registeredArguments.at(-1)?.variadic ?? false,
  };
  const below = command.commands.flatMap((each) =>
    placesBelow(each, path === "" ? each.name() : `${path} ${each.name()}`)
  );
  return [place, ...below];
}

/** The one that is meant where none is named. */
function defaultOf(command: Command): Command | undefined {
  const { _defaultCommandName: name } = command as unknown as { _defaultCommandName?: string | null };
  return command.commands.find((each) => each.name() === name);
}

function flagOf({ short, long, description, required, optional, argChoices, flags }: Option): Flag {
  const names = [long, short].filter((name) => name !== undefined);
  const value = required || optional
    ? argChoices ?? valueNamed(/[<[]([^>\]]*)[>\]]/.exec(flags)?.[1] ?? "")
    : undefined;
  return { names, description: inShort(description), value };
}

function valueOfArgument(argument: Argument): Value {
  return argument.argChoices ?? valueNamed(argument.name());
}

function valueNamed(name: string): Value {
  if (name === "address") return "address";
  if (/^(file|path|dir|directory|folder)$/.test(name)) return "file";
  return name === "on|off" ? ["on", "off"] : "any";
}

function unique(flags: readonly Flag[]): Flag[] {
  const seen = new Set<string>();
  return flags.filter(({ names }) => !seen.has(names[0]) && seen.add(names[0]));
}

/** Up to where it goes into details. */
function inShort(description: string): string {
  return description.split(/[;:(]|, which/, 1)[0].replace(/\s+/g, " ").trim();
}
