import { type Context, defineCommand, LOGGED_IN } from "../command.ts";
import { NoError } from "../errors.ts";

/** The one quota root, of the whole account, has the empty name. */
export const QUOTA_ROOT = "";

export const getQuota = defineCommand<string>({
  name: "GETQUOTA",
  states: LOGGED_IN,
  rfc: "9208 §4.1.1",
  parse(d) {
    d.sp();
    return d.astringText();
  },
  async run(context, root) {
    if (root !== QUOTA_ROOT) throw new NoError("NONEXISTENT", "there is no such quota root");
    await writeQuota(context);
  },
});

/** `* QUOTA "" (STORAGE used limit MESSAGE used limit)`; resources without a limit are left out (RFC 9208 §4.2.1, §5). */
export async function writeQuota({ mail, out }: Context): Promise<void> {
  const { bytes, messages, limitBytes, limitMessages } = await mail.usage();
  const resources: string[] = [];
  // STORAGE counts units of 1024 bytes.
  if (limitBytes > 0) resources.push(`STORAGE ${Math.ceil(bytes / 1024)} ${Math.floor(limitBytes / 1024)}`);
  if (limitMessages > 0) resources.push(`MESSAGE ${messages} ${limitMessages}`);
  out.ascii(`* QUOTA "${QUOTA_ROOT}" (${resources.join(" ")})`).crlf();
}
