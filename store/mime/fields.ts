/** The MIME fields of a part's header (RFC 2045, 2183, 3282, 2557), broken ones replaced by their defaults. */
import type { Header } from "./header.ts";
import { trimBlanks } from "./latin1.ts";
import { type Param, type Parameterised, paramValue, parseParameterised } from "./params.ts";
import { withoutComments } from "./tokens.ts";

const MAX_LANGUAGES = 100;
const MAX_BOUNDARY = 1000;

/** All text is as sent, one character a byte; undefined where the field is absent. */
export interface MimeFields {
  readonly type: string;
  readonly subtype: string;
  readonly params: readonly Param[];
  readonly encoding: string;
  readonly id?: string;
  readonly description?: string;
  readonly md5?: string;
  readonly disposition?: Parameterised;
  readonly languages: readonly string[];
  readonly location?: string;
}

/** What a part without a Content-Type is: message/rfc822 in a multipart/digest (RFC 2046 §5.1.5), else text/plain. */
export type DefaultType = "text/plain" | "message/rfc822";

const PLAIN_TEXT: MimeFields = { type: "text", subtype: "plain", params: [], encoding: "", languages: [] };

export function mimeFields(header: Header | undefined, fallback: DefaultType = "text/plain"): MimeFields {
  if (header === undefined) return PLAIN_TEXT;
  const disposition = header.get("content-disposition");
  return {
    ...contentType(header.get("content-type"), fallback),
    encoding: firstToken(header.get("content-transfer-encoding")),
    id: header.get("content-id"),
    description: header.get("content-description"),
    md5: header.get("content-md5"),
    disposition: disposition === undefined ? undefined : dispositionOf(disposition),
    languages: languages(header.get("content-language")),
    location: header.get("content-location"),
  };
}

/** The boundary of a multipart, without trailing blanks (RFC 2046 §5.1.1), or undefined where there is no usable one. */
export function boundaryOf({ params }: MimeFields): string | undefined {
  const value = paramValue(params, "boundary") ?? paramValue(params, "boundary*")?.replace(/^[^']*'[^']*'/, "");
  if (value === undefined || value.length > MAX_BOUNDARY) return undefined;
  let end = value.length;
  while (end > 0 && (value[end - 1] === " " || value[end - 1] === "\t")) end--;
  return end === 0 ? undefined : value.slice(0, end);
}

/** The charset of a text part in lower case, "" if none is named. */
export function charsetOf({ params }: MimeFields): string {
  const value = paramValue(params, "charset") ?? paramValue(params, "charset*")?.replace(/^[^']*'[^']*'/, "") ?? "";
  return value.length > 100 ? "" : trimBlanks(value).toLowerCase();
}

function contentType(text: string | undefined, fallback: DefaultType): Pick<MimeFields, "type" | "subtype" | "params"> {
  if (text === undefined || text === "") {
    return fallback === "text/plain" ? PLAIN_TEXT : { type: "message", subtype: "rfc822", params: [] };
  }
  const { value, params } = parse(text, "text/plain");
  const name = value.replaceAll('"', "");
  const slash = name.indexOf("/");
  if (slash > 0 && slash < name.length - 1 && name.length < 1000) {
    return { type: name.slice(0, slash), subtype: name.slice(slash + 1), params };
  }
  // RFC 2045 §5.2: a type that cannot be understood is plain text. Half a multipart is better understood by its boundary.
  return /^multipart\/?$/i.test(name)
    ? { type: "multipart", subtype: "mixed", params }
    : { type: "text", subtype: "plain", params };
}

function dispositionOf(text: string): Parameterised | undefined {
  const parsed = parse(text, "attachment");
  return parsed.value === "" && parsed.params.length === 0
    ? undefined
    : { value: parsed.value.replaceAll('"', "") || "attachment", params: parsed.params };
}

/** A field that begins with a parameter has lost its value. */
function parse(text: string, value: string): Parameterised {
  const parsed = parseParameterised(text);
  return parsed.value.includes("=") ? parseParameterised(`${value}; ${text}`) : parsed;
}

function firstToken(text: string | undefined): string {
  if (text === undefined) return "";
  if (/^[A-Za-z0-9-]{1,50}$/.test(text)) return text;
  return /^["\s]*([^\s;,"]{0,100})/.exec(withoutComments(text))?.[1] ?? "";
}

function languages(text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  const tags: string[] = [];
  for (const tag of withoutComments(text).split(",", MAX_LANGUAGES)) {
    const trimmed = trimBlanks(tag);
    if (trimmed !== "") tags.push(trimmed);
  }
  return tags;
}
