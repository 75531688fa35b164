import assert from "node:assert/strict";
import { ALICE, authTest, client, PASSWORD, refused } from "./testing.ts";
import { cramLogin, plainLogin, saslLogin, scramLogin } from "./testing.ts";

authTest("an alias and a new name log in by every mechanism, with the old password", async ({ auth, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await directory.addresses.add(id, "sales@example.org");
  await directory.addresses.add(id, "@example.org");
  await directory.addresses.rename(id, "alicia", { keep: false });
  for (const user of ["Sales@example.org", "alicia"]) {
    const logins = [
      await auth.login(user, PASSWORD, client),
      await scramLogin(auth, { mechanism: "SCRAM-SHA-256", user }),
      await scramLogin(auth, { mechanism: "SCRAM-SHA-1", user }),
      await cramLogin(auth, user, PASSWORD),
      await plainLogin(auth, user, PASSWORD),
      await saslLogin(auth, user, PASSWORD),
    ];
    for (const { account } of logins) assert.deepEqual([account.id, account.address], [id, "alicia"]);
  }
  // Neither the name that is given up, nor all of a domain.
  for (const user of [ALICE, "@example.org", "nobody@example.org"]) {
    await refused(auth.login(user, PASSWORD, client), "credentials");
  }
});

authTest(
  "a removed account, and one of a disabled domain, are refused after the right password",
  async ({ auth, directory }) => {
    const { id } = (await directory.find(ALICE))!;
    await directory.setRemoved(id, 1000);
    await refused(auth.login(ALICE, PASSWORD, client), "disabled", /^this account is removed$/);
    await refused(auth.login(ALICE, "wrong", client), "credentials");
    await directory.setRemoved(id, null);
    await directory.domains.add("example.org");
    await directory.domains.setDisabled("example.org", true);
    await refused(scramLogin(auth), "disabled", /^the domain of this account is disabled$/);
    await directory.domains.setDisabled("example.org", false);
    await auth.login(ALICE, PASSWORD, client);
  },
);
