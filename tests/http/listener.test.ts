import assert from "node:assert/strict";
import { listenHttp } from "../../server/http/listener.ts";
import { aboutPage, healthPage, metricsPage, plain } from "../../server/http/routes.ts";
import { bytesIn, commandDone, connectionClosed, connectionOpened, loginDone } from "../../server/metrics.ts";

async function get(
  port: number,
  path: string,
  init?: RequestInit,
): Promise<{ status: number; text: string; type: string | null }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return { status: response.status, text: await response.text(), type: response.headers.get("content-type") };
}

Deno.test("/metrics tells what was counted, in Prometheus' format", async () => {
  const listener = listenHttp({ hostname: "127.0.0.1", port: 0 }, [metricsPage()]);
  try {
    connectionOpened("imaps");
    connectionOpened("imaps");
    connectionClosed("imaps");
    commandDone("UID FETCH", "ok", 0.003);
    loginDone("PLAIN", "credentials");
    bytesIn(17);
    const { status, text, type } = await get(listener.port, "/metrics");
    assert.equal(status, 200);
    assert.match(type ?? "", /^text\/plain; version=0\.0\.4/);
    for (
      const line of [
        'roost_connections_total{protocol="imaps"} 2',
        'roost_connections_open{protocol="imaps"} 1',
        'roost_command_seconds_count{command="UID FETCH",result="ok"} 1',
        'roost_logins_total{mechanism="PLAIN",result="credentials"} 1',
        "roost_received_bytes_total 17",
        "roost_serverbug_total 0",
      ]
    ) assert.ok(text.split("\n").includes(line), line);
    connectionClosed("imaps");
  } finally {
    await listener.close();
  }
});

Deno.test("/healthz says whether the store can be read", async () => {
  let broken = false;
  const listener = listenHttp({ hostname: "127.0.0.1", port: 0 }, [
    healthPage(async () => {
      if (broken) throw new Error("disk gone");
    }),
  ]);
  try {
    assert.deepEqual(await get(listener.port, "/healthz"), {
      status: 200,
      text: "ok\n",
      type: "text/plain; charset=utf-8",
    });
    broken = true;
    assert.equal((await get(listener.port, "/healthz")).status, 503);
  } finally {
    await listener.close();
  }
});

Deno.test("other paths and methods are refused; a path that ends in / stands for all below it", async () => {
  const listener = listenHttp({ hostname: "127.0.0.1", port: 0 }, [
    aboutPage,
    metricsPage(),
    { path: "/below/", answer: (path) => plain(200, path) },
    {
      path: "/broken",
      answer() {
        throw new Error("oops");
      },
    },
  ]);
  try {
    assert.equal((await get(listener.port, "/")).status, 200);
    assert.equal((await get(listener.port, "/nothing")).status, 404);
    assert.equal((await get(listener.port, "/below")).status, 404);
    assert.equal((await get(listener.port, "/below/a?b")).text, "/below/a");
    assert.equal((await get(listener.port, "/broken")).status, 500);
    assert.equal((await get(listener.port, "/metrics", { method: "POST", body: "x" })).status, 405);
  } finally {
    await listener.close();
  }
});
