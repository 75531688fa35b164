/** A FETCH that is timed and looked at afterwards. */
import type { Buffer } from "node:buffer";
import { equal } from "./check.ts";
import { select } from "./mailboxes.ts";
import type { Measured, Run } from "./run.ts";

/** @returns the clock, and all bytes of the first answer @param cold once only @throws {WrongAnswer} for a wrong number of answers */
export async function fetchTimed(
  run: Run,
  { mailbox, count, command, cold = false }: { mailbox: string; count: number; command: string; cold?: boolean },
): Promise<{ measured: Measured; kept: Buffer | undefined }> {
  const client = await run.login();
  await select(client, mailbox, count);
  let kept: Buffer | undefined;
  const once = async (number: number) => {
    const answer = await client.ok(command, number === 0);
    equal(answer.fetches, count, "FETCH responses");
    kept ??= answer.kept;
  };
  const measured = cold ? await run.measure(() => once(0)) : await run.repeat(once);
  await run.logout(client);
  return { measured, kept };
}
