import { ANY_STATE, defineCommand } from "../command.ts";
import { BadError } from "../errors.ts";
import type { Decoder } from "../wire/decoder.ts";
import { VERSION } from "../../version.ts";

/** RFC 2971 §3.3. */
const MAX_FIELDS = 30;
const MAX_NAME = 30;
const MAX_VALUE = 1024;

/** What the client says of itself: names to values, or null for NIL. */
type Fields = ReadonlyMap<string, string | null> | null;

const latin1 = new TextDecoder("latin1");

export const id = defineCommand<Fields>({
  name: "ID",
  states: ANY_STATE,
  rfc: "2971",
  parse(d) {
    d.sp();
    if (d.tryWord("NIL")) return null;
    const fields = new Map<string, string | null>();
    d.byte("(");
    while (!d.tryByte(")")) {
      if (fields.size > 0) d.sp();
      const [name, value] = field(d);
      if (fields.has(name)) throw new BadError(undefined, "a field is named twice");
      fields.set(name, value);
      if (fields.size > MAX_FIELDS) throw new BadError(undefined, `at most ${MAX_FIELDS} fields`);
    }
    return fields;
  },
  async run({ out, session, channel }, fields) {
    // Who is not logged in need not know which version could be attacked.
    const version = session.account ? ` "version" "${VERSION}"` : "";
    out.ascii(`* ID ("name" "Roost"${version})`).crlf();
    const agent = fields && userAgent(fields);
    if (agent) channel.attempts.userAgent(agent);
  },
});

/** `name/version (os os-version)`, of what there is; without a name its vendor's. */
function userAgent(fields: NonNullable<Fields>): string {
  const [name, version, os, osVersion, vendor] = ["name", "version", "os", "os-version", "vendor"].map((field) =>
    fields.get(field) || undefined
  );
  const program = [name ?? vendor, version].filter((part) => part !== undefined).join("/");
  const system = [os, osVersion].filter((part) => part !== undefined).join(" ");
  return [program, system && `(${system})`].filter((part) => part !== "").join(" ");
}

function field(d: Decoder): [string, string | null] {
  const name = d.string();
  d.sp();
  const value = d.nstring();
  if (name.length > MAX_NAME || (value?.length ?? 0) > MAX_VALUE) throw new BadError(undefined, "field too long");
  return [latin1.decode(name).toLowerCase(), value && latin1.decode(value)];
}
