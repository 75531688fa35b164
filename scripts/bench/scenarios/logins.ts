/** Full TLS 1.3 handshake, greeting, login, LOGOUT; over several accounts. */
import { ImapClient } from "../imapclient.ts";
import { rate, times } from "../measure.ts";
import { connectTls, type Scenario } from "../run.ts";
import { type Login, loginBy } from "../sasl.ts";
import { type BenchServer, PASSWORD, userName } from "../servers.ts";

const ACCOUNTS = 16;

export const logins: Scenario = {
  name: "logins",
  title: "Login over TLS: connect, handshake, login, LOGOUT",
  rounds: [2, 3],
  async measure(run) {
    for (const how of ["LOGIN", "PLAIN", "SCRAM-SHA-256"] as const) {
      // SCRAM's keys are made once for each account, by the client too.
      await times(ACCOUNTS, 1, (number) => loginOnce(run.server, how, number));
      for (const width of [1, 8]) {
        let value = 0;
        const measured = await run.measure(async () => {
          value = await rate(run.scale.doorSeconds, width, (number) => loginOnce(run.server, how, number % ACCOUNTS));
        });
        run.rate(`${how}, ${width} at once`, value, "1/s", measured);
      }
    }
  },
};

async function loginOnce(server: BenchServer, how: Login, user: number): Promise<void> {
  const client = await ImapClient.over(await connectTls(server.imapsPort));
  try {
    await loginBy(client, how, userName(user), PASSWORD);
    await client.ok("LOGOUT");
  } finally {
    client.close();
  }
}
