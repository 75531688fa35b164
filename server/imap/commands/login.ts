import { capabilityList } from "../capabilities.ts";
import { defineCommand } from "../command.ts";
import { NoError } from "../errors.ts";
import { authenticating } from "../authenticating.ts";

export const login = defineCommand({
  name: "LOGIN",
  states: ["notAuthenticated"],
  rfc: "9051 §6.2.3",
  secret: true,
  parse(d) {
    d.sp();
    const user = d.astringText();
    d.sp();
    return { user, password: d.astringText() };
  },
  async run({ server, channel, session }, { user, password }) {
    if (!channel.cleartextLogin) throw new NoError("PRIVACYREQUIRED", "LOGIN needs TLS here");
    const login = await authenticating("LOGIN", channel, () => server.auth.login(user, password, channel));
    await channel.loggedIn(login.account);
    return { code: `CAPABILITY ${capabilityList(channel, session, server)}`, text: "welcome" };
  },
});
