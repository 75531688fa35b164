/** ENVELOPE as wire text (RFC 9051 §7.5.2): values undecoded as sent, defaults filled in. */
import { type Address, parseAddresses } from "./address.ts";
import type { Header } from "./header.ts";
import { wireNstring, wireString } from "./wiretext.ts";

/** With its parentheses, one character a byte. */
export function envelope(header: Header): string {
  const from = addresses(header.joined("from"));
  const sender = addresses(header.get("sender"));
  const replyTo = addresses(header.get("reply-to"));
  return "(" + wireNstring(header.get("date")) +
    " " + wireNstring(header.get("subject")) +
    " " + from +
    " " + (sender === "NIL" ? from : sender) +
    " " + (replyTo === "NIL" ? from : replyTo) +
    " " + addresses(header.joined("to")) +
    " " + addresses(header.joined("cc")) +
    " " + addresses(header.joined("bcc")) +
    " " + wireNstring(header.get("in-reply-to")) +
    " " + wireNstring(header.get("message-id")) + ")";
}

function addresses(value: string | undefined): string {
  if (value === undefined || value === "") return "NIL";
  const list = parseAddresses(value);
  if (list.length === 0) return "NIL";
  let text = "(";
  for (const address of list) text += wireAddress(address);
  return text + ")";
}

function wireAddress({ name, route, mailbox, host }: Address): string {
  return "(" + (name === undefined || name === "" ? "NIL" : wireString(name)) + " " + wireNstring(route) + " " +
    wireNstring(mailbox) + " " + wireNstring(host) + ")";
}
