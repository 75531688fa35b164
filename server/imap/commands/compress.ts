import { defineCommand, LOGGED_IN } from "../command.ts";
import { NoError } from "../errors.ts";

export const compress = defineCommand<string>({
  name: "COMPRESS",
  states: LOGGED_IN,
  rfc: "4978",
  parse(d) {
    d.sp();
    return d.word();
  },
  async run({ channel, session }, algorithm) {
    if (algorithm !== "DEFLATE") throw new NoError("CANNOT", "only DEFLATE is known");
    if (session.compressed) throw new NoError("COMPRESSIONACTIVE", "already compressing");
    channel.compress();
    return { text: "compressing from here on" };
  },
});
