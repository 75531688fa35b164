import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type KeyPair, KeyPairs, makeSelfSigned, selfSignedPair, watchKeyPairs } from "../../server/config/tls.ts";

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("the self-signed certificate is made once and kept for its owner alone", () =>
  inDirectory(async (dataDir) => {
    const pair = await selfSignedPair({ dataDir, hostname: "localhost" });
    assert.deepEqual(await selfSignedPair({ dataDir, hostname: "localhost" }), pair);
    const [file] = [...Deno.readDirSync(dataDir)];
    assert.equal(Deno.statSync(`${dataDir}/${file.name}`).mode! & 0o777, 0o600);
    const certificate = new X509Certificate(pair.cert);
    for (const name of ["localhost"]) assert.equal(certificate.checkHost(name), name);
    for (const address of ["127.0.0.1", "::1"]) {
      assert.ok(certificate.subjectAltName?.includes(`IP Address:${address}`));
    }
  }));

Deno.test("the self-signed certificate is made anew when the host name changes or the file is broken", () =>
  inDirectory(async (dataDir) => {
    const first = await selfSignedPair({ dataDir, hostname: "localhost" });
    const second = await selfSignedPair({ dataDir, hostname: "mail.example.org" });
    assert.notEqual(second.cert, first.cert);
    assert.equal(new X509Certificate(second.cert).checkHost("mail.example.org"), "mail.example.org");
    await Deno.writeTextFile(`${dataDir}/self-signed.pem`, second.cert);
    const third = await selfSignedPair({ dataDir, hostname: "mail.example.org" });
    assert.notEqual(third.cert, second.cert);
  }));

Deno.test("changed files are taken once both fit, links included", () =>
  inDirectory(async (directory) => {
    const write = async (name: string, pair: KeyPair) => {
      await Deno.mkdir(`${directory}/${name}`);
      await Deno.writeTextFile(`${directory}/${name}/cert.pem`, pair.cert);
      await Deno.writeTextFile(`${directory}/${name}/key.pem`, pair.key);
    };
    const names = ["one", "two", "three", "other"];
    const [one, two, three, other] = await Promise.all(names.map((name) => makeSelfSigned(name)));
    await write("other", other);
    await write("one", one);
    await write("two", two);
    await Deno.symlink("one", `${directory}/live`);
    const files = { cert: `${directory}/live/cert.pem`, key: `${directory}/live/key.pem` };
    const pairs = new KeyPairs([other, one]);
    let next = Promise.withResolvers<KeyPair>();
    pairs.onChange(() => next.resolve(pairs.pairs[1]));
    const ended = new AbortController();
    watchKeyPairs(
      [{ cert: `${directory}/other/cert.pem`, key: `${directory}/other/key.pem` }, files],
      pairs,
      ended.signal,
      5,
    );
    try {
      await Deno.symlink("two", `${directory}/live.new`);
      await Deno.rename(`${directory}/live.new`, `${directory}/live`);
      assert.deepEqual(await next.promise, two);

      next = Promise.withResolvers<KeyPair>();
      // Between these two writes the pair does not fit: what comes out is the whole new one.
      await Deno.writeTextFile(`${directory}/two/cert.pem`, three.cert);
      await Deno.stat(`${directory}/two/cert.pem`);
      await Deno.writeTextFile(`${directory}/two/key.pem`, three.key);
      assert.deepEqual(await next.promise, three);
      assert.deepEqual(pairs.pairs[0], other, "the others stay");
    } finally {
      ended.abort();
    }
  }));
