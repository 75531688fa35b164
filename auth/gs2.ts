/** The GS2 header (RFC 5801 §4) that the messages of SCRAM and OAUTHBEARER begin with. */

export interface Gs2Header {
  /** "n": the client cannot bind the channel; "y": it could, and thinks that the server cannot; "p": it does. */
  readonly flag: "n" | "y" | "p";
  /** The channel binding type of "p". */
  readonly bindingType: string;
  /** As sent; see `saslName`. */
  readonly authzid: string;
  /** All of it as sent, up to and with its second comma. */
  readonly header: string;
}

/** The header that `text` begins with; undefined where there is none. */
export function parseGs2Header(text: string): Gs2Header | undefined {
  const first = text.indexOf(",");
  const second = text.indexOf(",", first + 1);
  if (first < 0 || second < 0) return undefined;
  const [flag, authzid] = [text.slice(0, first), text.slice(first + 1, second)];
  if (authzid !== "" && !authzid.startsWith("a=")) return undefined;
  const rest = { authzid: authzid.slice(2), header: text.slice(0, second + 1) };
  if (flag === "n" || flag === "y") return { flag, bindingType: "", ...rest };
  if (!/^p=[A-Za-z0-9.-]+$/.test(flag)) return undefined;
  return { flag: "p", bindingType: flag.slice(2), ...rest };
}

/** A name in its escapes: `=2C` is a comma and `=3D` an equals sign (RFC 5801 §4); undefined for others, and for NUL. */
export function saslName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text) || text.includes("\0")) return undefined;
  return text.replaceAll("=2C", ",").replaceAll("=3D", "=").normalize("NFC");
}
