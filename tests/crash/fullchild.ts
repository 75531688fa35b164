/** Run with TMPDIR on a small file system of its own (see full.test.ts): fills it, and looks at what an IMAP client then meets. */
import assert from "node:assert/strict";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { TestClient, TestServer } from "../support/protocol.ts";
import { bytesOf } from "./world.ts";

const CHUNK = new Uint8Array(16 * 1024);

/** Leaves about `spare` bytes free. */
function fill(path: string, spare: number): void {
  using file = Deno.openSync(path, { create: true, append: true });
  try {
    for (;;) file.writeSync(CHUNK);
  } catch {
    // Full now, as it should be.
  }
  const { size } = file.statSync();
  file.truncateSync(Math.max(0, size - spare));
}

class FullDisk {
  /** Tokens of INBOX by UID. */
  readonly kept = new Map<number, string>();
  #count = 0;

  constructor(readonly server: TestServer, readonly client: TestClient) {}

  token(size: number): string {
    return `m-${++this.#count}-${size}`;
  }

  /** The tagged line. */
  async command(text: string): Promise<string> {
    const tagged = (await this.client.command(text)).at(-1) ?? "";
    assert(!tagged.includes("SERVERBUG"), `${text.slice(0, 40)}: ${tagged}`);
    return tagged;
  }

  /** @returns it was taken */
  async append(...sizes: number[]): Promise<boolean> {
    const tokens = sizes.map((size) => this.token(size));
    const literals = tokens.map((token) => {
      const bytes = bytesOf(token);
      return ` {${bytes.length}+}\r\n${new TextDecoder("latin1").decode(bytes)}`;
    });
    const tagged = await this.command(`APPEND INBOX${literals.join("")}`);
    const uids = /OK \[APPENDUID \d+ (\d+)/.exec(tagged);
    if (uids) tokens.forEach((token, at) => this.kept.set(Number(uids[1]) + at, token));
    else assert.match(tagged, / NO /);
    return uids !== null;
  }

  /** INBOX holds what was acknowledged, and nothing else. */
  async check(): Promise<void> {
    await this.client.ok("EXAMINE INBOX");
    for (const [uid, token] of this.kept) {
      const lines = await this.client.ok(`UID FETCH ${uid} (RFC822.SIZE BODY.PEEK[])`);
      // A message that came just before the disk was full is not parsed yet.
      const described = (await this.client.ok(`UID FETCH ${uid} (ENVELOPE BODYSTRUCTURE)`)).join("\r\n");
      assert.match(described, /ENVELOPE \(.*BODYSTRUCTURE \(/s);
      const expected = new TextDecoder("latin1").decode(bytesOf(token));
      assert(lines.join("\r\n").includes(`RFC822.SIZE ${expected.length} BODY[] {${expected.length}}\r\n${expected})`));
    }
    assert.match((await this.client.ok("STATUS INBOX (MESSAGES)"))[0], new RegExp(`MESSAGES ${this.kept.size}\\)`));
    await this.client.ok("UNSELECT");
  }
}

async function run(): Promise<void> {
  const server = await TestServer.start();
  const filler = `${server.dataDir}/../filler`;
  const test = new FullDisk(server, await server.login());
  for (let n = 0; n < 3; n++) assert(await test.append(2000, 200_000));

  for (const spare of [400_000, 150_000, 30_000, 0]) {
    fill(filler, spare);
    let refused = 0;
    for (let n = 0; refused < 3 && n < 100; n++) {
      if (!await test.append(20_000)) refused++;
    }
    assert.equal(refused, 3, "a full disk refuses");
    await test.append(200_000);
    await test.append(300, 300, 200_000, 300, 300);
    await test.command("COPY 1:* Archive");
    await test.command("CREATE another/one");
    await test.command("SELECT INBOX");
    await test.command("STORE 1:* +FLAGS (\\Flagged $Some)");
    await test.command("UID MOVE 999 Archive");
    await test.command("UNSELECT");
    await test.check();
  }

  await Deno.remove(filler);
  assert(await test.append(300, 200_000, 20_000), "with room again, messages are taken again");
  await test.check();
  await test.client.ok("SELECT INBOX");
  await test.client.ok("STORE 1:* +FLAGS (\\Deleted)");
  await test.client.ok("EXPUNGE");
  const faults: string[] = [];
  await verifyStore(server.dataDir, (fault) => void faults.push(JSON.stringify(fault)));
  assert.deepEqual(faults.filter((fault) => !fault.includes('"note":true')), []);
  await server.stop();
}

await run();
