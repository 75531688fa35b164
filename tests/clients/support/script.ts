/** Runs a program of `tests/clients/scripts`, which reads HOST, PORT, TLS_PORT, CERTIFICATE, ADDRESS and PASSWORD from its environment. */
import { fileURLToPath } from "node:url";
import type { Scene } from "./suite.ts";

/** @param part what the script is to do, its first argument */
export async function runScript(
  scene: Pick<Scene, "server" | "address" | "password" | "run">,
  interpreter: string,
  script: string,
  part: string,
): Promise<void> {
  const path = fileURLToPath(new URL(`../scripts/${script}`, import.meta.url));
  const { server, address, password } = scene;
  await scene.run(interpreter, [path, part], {
    env: {
      HOST: "127.0.0.1",
      PORT: `${server.imapPort}`,
      TLS_PORT: `${server.imapsPort}`,
      CERTIFICATE: server.certificate,
      ADDRESS: address,
      PASSWORD: password,
    },
  });
}
