/**
 * Completion for bash.
 *
 * Addresses are quoted before they get into a command line, and no list is given to `compgen -W`, which would run what stands in it.
 */
import { type Place, shellText, type Value } from "./tree.ts";

export function bashScript(places: readonly Place[]): string {
  return SCRIPT.replace("#PLACES", () => places.map(placeCase).join("\n"));
}

function placeCase({ path, commands, flags, values, variadic }: Place): string {
  const valued = flags.flatMap(({ names, value }) => value ? names.map((name) => `${name}:${valueText(value)}`) : []);
  return `    '${path}')
      commands='${commands.map(({ name }) => name).join(" ")}'
      flags='${flags.flatMap(({ names }) => names).join(" ")}'
      valued='${valued.join(" ")}'
      values='${values.map(valueText).join(" ")}'
      variadic=${variadic ? 1 : ""} ;;`;
}

function valueText(value: Value): string {
  return typeof value === "string" ? value : `=${value.join("|")}`;
}

const SCRIPT = shellText`# bash completion for roost, made by "roost completion bash".
_roost_place() {
  case $1 in
#PLACES
  esac
}

# What stands in $1 (words, one a line) and begins with $2, quoted where $3 is "quoted".
_roost_offer() {
  local word
  while IFS= read -r word; do
    [[ $word && $word == "$2"* ]] || continue
    [[ $3 == quoted ]] && printf -v word %q "$word"
    COMPREPLY+=("$word")
  done <<<"$1"
}

_roost() {
  local line=\${COMP_LINE:0:COMP_POINT} words cur at= place= kind= word name entry i n=0
  local commands flags valued values variadic
  local -a config=()
  COMPREPLY=()
  # Bash would part words at @ and =.
  read -r -a words <<<"$line"
  cur=
  if [[ $line != *[[:space:]] ]]; then
    cur=\${words[\${#words[@]} - 1]}
    unset "words[\${#words[@]} - 1]"
  fi
  _roost_place ''
  for ((i = 1; i < \${#words[@]}; i++)); do
    word=\${words[i]}
    if [[ $kind ]]; then
      [[ $name == -c || $name == --config ]] && config=(--config "$word")
      kind=
      continue
    fi
    if [[ $word == -* ]]; then
      name=\${word%%=*}
      for entry in $valued; do
        [[ $entry == "$name":* ]] && kind=\${entry#*:}
      done
      if [[ $word == *=* ]]; then
        [[ $name == --config ]] && config=(--config "\${word#*=}")
        kind=
      fi
    elif [[ $n == 0 && " $commands " == *" $word "* ]]; then
      at=\${at:+$at }$word
      _roost_place "$at"
    else
      n=$((n + 1))
    fi
  done
  if [[ ! $kind && $cur == -* ]]; then
    _roost_offer "\${flags// /$'\n'}" "$cur"
    return
  fi
  if [[ ! $kind ]]; then
    [[ $n == 0 ]] && _roost_offer "\${commands// /$'\n'}" "$cur"
    read -r -a words <<<"$values"
    ((variadic && n >= \${#words[@]})) && n=$((\${#words[@]} - 1))
    kind=\${words[n]}
  fi
  case $kind in
    address)
      local roost
      read -r roost _ <<<"$line"
      roost=\${roost/#\~\//$HOME/}
      _roost_offer "$("$roost" account list \${config[@]+"\${config[@]}"} 2>/dev/null </dev/null | cut -f 1)" "$cur" quoted
      ;;
    file)
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
      return
      ;;
    =*)
      kind=\${kind#=}
      _roost_offer "\${kind//|/$'\n'}" "$cur"
      ;;
  esac
  # Bash puts the answer in the place of what it takes for the word, which may begin at an @ or behind a =.
  local prefix=\${cur%"$2"}
  for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]=\${COMPREPLY[i]#"$prefix"}; done
}
complete -F _roost roost`;
