/** Completion for zsh, which quotes what it puts into a command line. */
import { type Choice, type Place, shellText, type Value } from "./tree.ts";

export function zshScript(places: readonly Place[]): string {
  return SCRIPT.replace("#PLACES", () => places.map(placeCase).join("\n"));
}

function placeCase({ path, commands, flags, values, variadic }: Place): string {
  const described = flags.flatMap(({ names, description }) => names.map((name) => ({ name, description })));
  const valued = flags.flatMap(({ names, value }) => value ? names.map((name) => `${name}:${valueText(value)}`) : []);
  return `    '${path}')
      commands=(${commands.map(entry).join(" ")})
      flags=(${described.map(entry).join(" ")})
      valued=(${valued.map(quoted).join(" ")})
      values=(${values.map((value) => quoted(valueText(value))).join(" ")})
      variadic=${variadic ? 1 : 0} ;;`;
}

function valueText(value: Value): string {
  return typeof value === "string" ? value : `=${value.join("|")}`;
}

function entry({ name, description }: Choice): string {
  return quoted(`${name}:${description}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const SCRIPT = shellText`#compdef roost
# zsh completion for roost, made by "roost completion zsh".
_roost_place() {
  case $1 in
#PLACES
  esac
}

_roost() {
  local at= kind= word name entry
  local -i i n=0 variadic
  local -a commands flags valued values config addresses
  _roost_place ''
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ -n $kind ]]; then
      [[ $name == -c || $name == --config ]] && config=(--config $word)
      kind=
      continue
    fi
    if [[ $word == -* ]]; then
      name=\${word%%=*}
      for entry in $valued; do
        [[ $entry == $name:* ]] && kind=\${entry#*:}
      done
      if [[ $word == *=* ]]; then
        [[ $name == --config ]] && config=(--config \${word#*=})
        kind=
      fi
    elif ((n == 0)) && ((\${commands[(I)$word:*]})); then
      at=\${at:+$at }$word
      _roost_place $at
    else
      n+=1
    fi
  done
  if [[ -z $kind && $words[CURRENT] == -* ]]; then
    _describe -o option flags
    return
  fi
  if [[ -z $kind ]]; then
    ((n == 0 && $#commands)) && _describe command commands
    ((variadic && n >= $#values)) && n=$(($#values - 1))
    kind=$values[n+1]
  fi
  case $kind in
    address)
      addresses=(\${(f)"$(\${~words[1]} account list $config 2>/dev/null </dev/null | cut -f 1)"})
      compadd -a addresses
      ;;
    file) _files ;;
    \=*) compadd -- \${(s:|:)kind#=} ;;
  esac
}

if [[ $funcstack[1] == _roost ]]; then
  _roost "$@"
else
  compdef _roost roost
fi`;
