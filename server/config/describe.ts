/**
 * The configuration's schema, told in three ways: as JSON Schema, as an example file with every key and its default, and as a
 * reference page.
 */
import { z } from "zod";
import { configSchema } from "./schema.ts";

/** The part of JSON Schema that our schema uses. */
interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly unit?: string;
}

/** JSON Schema (draft 2020-12) of the file, for editors and other tools. */
export function jsonSchema(): Record<string, unknown> {
  return { title: "Roost configuration", ...z.toJSONSchema(configSchema, { io: "input" }) };
}

/** A YAML file in which every key stands with its default; what has none is commented out. */
export function exampleFile(): string {
  const lines = ["# Configuration of Roost. Every key is optional; those here show the defaults."];
  for (const [key, schema] of properties(jsonSchema() as JsonSchema)) {
    lines.push("", ...comment(schema.description, ""));
    if (schema.properties && schema.default !== undefined) lines.push(`${key}:`, ...sectionExample(schema));
    else if (schema.default !== undefined) lines.push(...assignment(key, schema.default));
    else lines.push(...assignment(key, schema.examples?.[0]).map((line) => `# ${line}`));
  }
  return lines.join("\n") + "\n";
}

function sectionExample(section: JsonSchema): string[] {
  return properties(section).flatMap(([key, schema]) => [
    ...comment(schema.description, "  "),
    ...schema.default === undefined
      ? assignment(key, schema.examples?.[0]).map((line) => `  # ${line}`)
      : assignment(key, schema.default).map((line) => `  ${line}${sizeHint(schema)}`),
  ]);
}

function assignment(key: string, value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) return [`${key}:`, ...value.map((item) => `  - ${flow(item)}`)];
  return [`${key}: ${flow(value)}`];
}

/** What YAML, in one of its versions, takes for something else than text. */
const NO_TEXT = /^(true|false|yes|no|on|off|y|n|null)$/i;

/** A value on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`).join(", ")} }`;
  }
  return typeof value === "string" && (!/^[A-Za-z./][\w./-]*$/.test(value) || NO_TEXT.test(value))
    ? JSON.stringify(value)
    : String(value);
}

function comment(text: string | undefined, indent: string): string[] {
  if (!text) return [];
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last.length + word.length > 100) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${indent}# ${line}`);
}

function sizeHint({ unit, default: size }: JsonSchema): string {
  return unit === "bytes" && typeof size === "number" && size > 0 ? ` # ${formatSize(size)}` : "";
}

function formatSize(size: number): string {
  for (const [unit, factor] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const) {
    if (size >= factor && size % factor === 0) return `${size / factor} ${unit}`;
  }
  return `${size} bytes`;
}

/** docs/configuration.md. */
export function referencePage(): string {
  const rows = table("", jsonSchema() as JsonSchema);
  return `# Configuration

<!-- Made by \`deno task docs\` from server/config/schema.ts; do not edit. -->

Roost reads one YAML file, named by \`--config FILE\`. Without it all is default: data in \`./data\`, a self-signed certificate,
and listeners on this machine only. \`roost config example\` prints a file with every key, \`roost config check\` tells all that is wrong
with yours, and \`roost config schema\` prints its JSON Schema.

Sizes are bytes, or text with a unit of 1024: \`"100 MiB"\`. Times are seconds; spans of time are text: \`"30d"\`, \`"12h"\`, \`"2w"\`. Listeners are read at start; so is everything
else but the TLS files, which are read again when they change.

| key | value | default | meaning |
| --- | --- | --- | --- |
${rows.join("\n")}

## Example

\`\`\`yaml
${exampleFile()}\`\`\`
`;
}

function table(prefix: string, schema: JsonSchema): string[] {
  return properties(schema).flatMap(([key, property]) => {
    const path = prefix + key;
    const row = `| \`${path}\` | ${valueKind(property)} | ${defaultCell(property, schema, key)} | ${
      cell(property.description)
    } |`;
    const item = property.items;
    return [row, ...(item ? table(`${path}[].`, item) : table(`${path}.`, property))];
  });
}

function valueKind(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.unit === "bytes") return "size";
  if (schema.unit === "span" || schema.additionalProperties?.unit === "span") return "span of time";
  if (schema.items) return "list";
  if (schema.properties) return "section";
  const { type, minimum, maximum } = schema;
  if (schema.unit === "seconds") return `seconds, ${minimum} to ${maximum}`;
  if (type === "boolean") return "`true`, `false`";
  if (type !== "integer") return "text";
  return maximum === undefined || maximum >= 1e9 ? `number, ${minimum} or more` : `number, ${minimum} to ${maximum}`;
}

function defaultCell(property: JsonSchema, parent: JsonSchema, key: string): string {
  if (property.properties || property.items) return property.default === undefined ? "none" : "";
  if (property.default === undefined) return parent.required?.includes(key) ? "required" : "none";
  if (property.unit === "bytes" && typeof property.default === "number" && property.default > 0) {
    return formatSize(property.default);
  }
  return `\`${property.default}\``;
}

function cell(text: string | undefined): string {
  return (text ?? "").replaceAll("|", "\\|");
}

function properties(schema: JsonSchema): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {});
}
