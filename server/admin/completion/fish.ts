/** Completion for fish, which quotes what it puts into a command line. */
import { type Flag, type Place, shellText, type Value } from "./tree.ts";

export function fishScript(places: readonly Place[]): string {
  const valued = places.flatMap(({ path, flags }) =>
    flags.flatMap(({ names, value }) => value ? names.map((name) => quoted(`${path} ${name}`)) : [])
  );
  return [
    HEAD,
    `set -g __roost_paths ${places.map(({ path }) => quoted(path)).join(" ")}`,
    `set -g __roost_valued ${valued.join(" ")}`,
    "complete -c roost -f",
    ...places.flatMap(placeLines),
  ].join("\n");
}

function placeLines({ path, commands, flags, values, variadic }: Place): string[] {
  const here = (number: string) => `complete -c roost -n ${quoted(`__roost_at "${path}" ${number}`.trimEnd())}`;
  return [
    ...commands.map(({ name, description }) => `${here("0")} -a ${name} -d ${quoted(description)}`),
    ...flags.map((flag) => `${here("")} ${flagWords(flag)}`),
    ...values.flatMap((value, at) => {
      const words = valueWords(value);
      return words === "" ? [] : [`${here(variadic && at === values.length - 1 ? `${at}+` : String(at))} ${words}`];
    }),
  ];
}

function flagWords({ names, description, value }: Flag): string {
  const forms = names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
  const behind = value === undefined
    ? []
    : [value === "file" ? "-r" : "-x", valueWords(value)].filter((words) => words !== "");
  return [...forms, ...behind, "-d", quoted(description)].join(" ");
}

function valueWords(value: Value): string {
  switch (value) {
    case "address":
      return "-a '(__roost_addresses)'";
    case "file":
      return "-F";
    case "any":
      return "";
    default:
      return `-a ${quoted(value.join(" "))}`;
  }
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;
}

const HEAD = shellText`# fish completion for roost, made by "roost completion fish".

# Prints the words of the command, how many values came behind them, and what --config names.
function __roost_state
    set -l at ''
    set -l n 0
    set -l config ''
    set -l expected ''
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if test -n "$expected"
            contains -- $expected -c --config; and set config $word
            set expected ''
        else if string match -q -- '-*' $word
            contains -- "$at $word" $__roost_valued; and set expected $word
            string match -q -- '--config=*' $word; and set config (string replace -- '--config=' '' $word)
        else if test $n -eq 0; and contains -- (string trim -- "$at $word") $__roost_paths
            set at (string trim -- "$at $word")
        else
            set n (math $n + 1)
        end
    end
    printf '%s\n' "$at" $n "$config"
end

# Whether the cursor is behind the command $argv[1] and so many values; "1+" is one or more.
function __roost_at
    set -l state (__roost_state)
    test "$state[1]" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; and return 0
    if string match -q -- '*+' $argv[2]
        test $state[2] -ge (string replace '+' '' $argv[2])
    else
        test $state[2] -eq $argv[2]
    end
end

function __roost_addresses
    set -l roost (string replace -r '^~/' "$HOME/" (commandline -opc)[1])
    set -l config (__roost_state)[3]
    set -l options
    test -n "$config"; and set options --config $config
    $roost account list $options 2>/dev/null </dev/null | string replace -r '\t.*' ''
end
`;
