/** Full TLS 1.3 handshake, greeting, login, LOGOUT; over all accounts. */
import { ImapClient } from "../imapclient.ts";
import { rate } from "../measure.ts";
import { connectTls, type Scenario } from "../run.ts";
import { loginBy } from "../sasl.ts";
import { PASSWORD, userName } from "../servers.ts";

export const logins: Scenario = {
  name: "logins",
  title: "Login over TLS: connect, handshake, login, LOGOUT",
  rounds: [2, 3],
  async measure(run) {
    for (const how of ["LOGIN", "PLAIN", "SCRAM-SHA-256"] as const) {
      for (const width of [1, 8]) {
        let value = 0;
        const measured = await run.measure(async () => {
          value = await rate(run.scale.doorSeconds, width, async (number) => {
            const client = await ImapClient.over(await connectTls(run.server.imapsPort));
            try {
              await loginBy(client, how, userName(number), PASSWORD);
              await client.ok("LOGOUT");
            } finally {
              client.close();
            }
          });
        });
        run.rate(`${how}, ${width} at once`, value, "1/s", measured);
      }
    }
  },
};
