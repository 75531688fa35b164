/** BODYSTRUCTURE and BODY as wire text (RFC 9051 §7.5.2, §9 body). */
import type { MimeFields } from "./fields.ts";
import { type Param, type Parameterised, paramValue } from "./params.ts";
import type { Node } from "./parser.ts";
import { wireNstring, wireString } from "./wiretext.ts";

/** With its parentheses, one character a byte. `extended`: BODYSTRUCTURE's extension data too. */
export function bodyStructure(node: Node, extended: boolean): string {
  const { part, fields } = node;
  const extension = extended ? extensionData(fields, part.type === "multipart") : "";
  if (part.type === "multipart") {
    let children = "";
    for (const child of node.children) children += bodyStructure(child, extended);
    return `(${children} ${wireString(fields.subtype)}${extension})`;
  }
  const size = part.end - part.bodyStart;
  const basic = wireString(fields.type) + " " + wireString(fields.subtype) + " " +
    parameters(textParams(part.type, fields)) +
    " " + wireNstring(fields.id) + " " + wireNstring(fields.description) +
    " " + (fields.encoding === "" ? '"7BIT"' : wireString(fields.encoding)) + " " + size;
  if (node.message !== undefined) {
    const { envelope = "NIL" } = node.message;
    return `(${basic} ${envelope} ${bodyStructure(node.message, extended)} ${part.lines}${extension})`;
  }
  return part.type === "text" ? `(${basic} ${part.lines}${extension})` : `(${basic}${extension})`;
}

/** Plain text without a charset is US-ASCII (RFC 2046 §4.1.2); other text has no such default (RFC 6657). */
function textParams(type: string, { subtype, params }: MimeFields): readonly Param[] {
  const named = type !== "text" || subtype.toLowerCase() !== "plain" || paramValue(params, "charset") !== undefined ||
    paramValue(params, "charset*") !== undefined;
  return named ? params : [{ name: "charset", value: "us-ascii" }, ...params];
}

function extensionData({ params, md5, disposition, languages, location }: MimeFields, multipart: boolean): string {
  const first = multipart ? parameters(params) : wireNstring(md5);
  return ` ${first} ${wireDisposition(disposition)} ${wireLanguages(languages)} ${wireNstring(location)}`;
}

function parameters(params: readonly Param[]): string {
  if (params.length === 0) return "NIL";
  let text = "";
  for (const { name, value } of params) text += (text === "" ? "(" : " ") + wireString(name) + " " + wireString(value);
  return text + ")";
}

function wireDisposition(disposition: Parameterised | undefined): string {
  return disposition === undefined ? "NIL" : `(${wireString(disposition.value)} ${parameters(disposition.params)})`;
}

function wireLanguages(languages: readonly string[]): string {
  return languages.length === 0 ? "NIL" : `(${languages.map(wireString).join(" ")})`;
}
