/**
 * Reads the configuration file. Every fault carries the key's path and line, and all of them are told at once.
 */
import { dirname, resolve } from "node:path";
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import type { z } from "zod";
import { withAbsoluteAcmePaths } from "./acmeschema.ts";
import { withAbsoluteOAuthPaths } from "./oauth.ts";
import { reason } from "../reason.ts";
import { type Config, configSchema } from "./schema.ts";

export type Path = readonly (string | number)[];

/** One thing that is wrong with the configuration. */
export interface Fault {
  /** "listeners[1].port"; empty for the file as a whole. */
  readonly key: string;
  /** 1 is the first; undefined without a file. */
  readonly line: number | undefined;
  readonly message: string;
}

/** A configuration, and where its keys stand in the file. */
export interface LoadedConfig {
  readonly config: Config;
  /** undefined: there is no file, all is default. */
  readonly file: string | undefined;
  /** A fault at a key; the nearest key above it that the file has gives the line. */
  fault(path: Path, message: string): Fault;
}

/** The configuration cannot be used. `message` has a line for each fault. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(file: string | undefined, readonly faults: readonly Fault[]) {
    super(faults.map((fault) => formatFault(file, fault)).join("\n"));
  }
}

/** `roost.yaml:12: listeners[1].port: expected …` */
export function formatFault(file: string | undefined, { key, line, message }: Fault): string {
  const place = [file && line ? `${file}:${line}` : file ?? "", key].filter((part) => part !== "");
  return [...place, message].join(": ");
}

/**
 * Reads and validates `file`; without one everything is default. Paths in it become absolute, from the file's directory.
 * @throws {ConfigError}
 */
export function loadConfig(file?: string): LoadedConfig {
  if (file === undefined) return parseConfig("", undefined);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(file));
  } catch (error) {
    const message = error instanceof TypeError ? "is not UTF-8 text" : `cannot be read: ${reason(error)}`;
    throw new ConfigError(file, [{ key: "", line: undefined, message }]);
  }
  return parseConfig(text, file);
}

/** As loadConfig, of a text that is in hand. `file` names it in faults. @throws {ConfigError} */
export function parseConfig(text: string, file: string | undefined): LoadedConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (node: unknown) => isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
  const fault = (path: Path, message: string): Fault => ({
    key: formatPath(path),
    line: file === undefined ? undefined : lineOf(nodeAt(document, path)) ?? 1,
    message,
  });
  if (document.errors.length > 0) {
    throw new ConfigError(
      file,
      document.errors.map(({ message, pos }) => ({ key: "", line: lines.linePos(pos[0]).line, message })),
    );
  }
  let value: unknown;
  try {
    // A key without a value, as an emptied section, is a key that is not there.
    value = document.toJS({ reviver: (_key, item) => item === null ? undefined : item }) ?? {};
  } catch (error) {
    throw new ConfigError(file, [fault([], reason(error))]);
  }
  const result = configSchema.safeParse(value, { error: explain });
  if (!result.success) {
    const faults = result.error.issues.flatMap((issue) => faultsOf(issue, fault));
    throw new ConfigError(file, faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  }
  return { config: withAbsolutePaths(result.data, file), file, fault };
}

function withAbsolutePaths(config: Config, file: string | undefined): Config {
  const base = file === undefined ? Deno.cwd() : dirname(resolve(file));
  const absolute = (path: string) => resolve(base, path);
  const { tls, oauth, junk } = config;
  return {
    ...config,
    dataDir: absolute(config.dataDir),
    listeners: config.listeners.map((listener) => ({ ...listener, path: listener.path && absolute(listener.path) })),
    tls: {
      ...tls,
      ...(tls.cert !== undefined && { cert: absolute(tls.cert) }),
      ...(tls.key !== undefined && { key: absolute(tls.key) }),
      certificates: tls.certificates.map(({ cert, key }) => ({ cert: absolute(cert), key: absolute(key) })),
      ...(tls.acme && { acme: withAbsoluteAcmePaths(tls.acme, absolute) }),
    },
    ...(junk?.passwordFile !== undefined && { junk: { ...junk, passwordFile: absolute(junk.passwordFile) } }),
    ...(oauth && { oauth: withAbsoluteOAuthPaths(oauth, absolute) }),
  };
}

function faultsOf(issue: z.core.$ZodIssue, fault: (path: Path, message: string) => Fault): Fault[] {
  const path = issue.path.map((part) => typeof part === "number" ? part : String(part));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => fault([...path, key], "there is no such key"));
  return [fault(path, issue.message)];
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a mapping",
  string: "text",
};

/** Words for the commonest faults; undefined leaves them to the schema and to zod. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}, not ${shown(issue.input)}`;
    case "invalid_value":
      return issue.input === undefined
        ? "is missing"
        : `expected ${issue.values.map(String).join(", ").replace(/, ([^,]*)$/, " or $1")}, not ${shown(issue.input)}`;
    case "too_small":
      return issue.origin === "string" ? "is empty" : `expected at least ${issue.minimum}, not ${shown(issue.input)}`;
    case "too_big":
      return `expected at most ${issue.maximum}, not ${shown(issue.input)}`;
    default:
      return undefined;
  }
}

function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function formatPath(path: Path): string {
  return path.map((part, at) => typeof part === "number" ? `[${part}]` : at === 0 ? part : `.${part}`).join("");
}

/** The key's node for keys of mappings, the item's for lists; the nearest above where the path leaves the document. */
function nodeAt(document: Document, path: Path): Node | null {
  let node = document.contents as Node | null;
  let found = node;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) =>
        isPair(item) && isScalar(item.key) && String(item.key.value) === String(part)
      );
      if (!pair || !isNode(pair.key)) break;
      found = pair.key;
      node = isNode(pair.value) ? pair.value : null;
    } else {
      const item: unknown = node && "get" in node && typeof node.get === "function" ? node.get(part, true) : undefined;
      if (!isNode(item)) break;
      found = node = item;
    }
  }
  return found;
}
