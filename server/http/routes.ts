/** What HTTP requests get, whichever way they come. Only GET and HEAD are possible; no answer depends on more than the path. */
import { getLogger } from "@logtape/logtape";
import { METRICS_CONTENT_TYPE, metricsText } from "../metrics.ts";

const log = getLogger(["roost", "http"]);

export interface Route {
  /** "/healthz"; one that ends in "/" and is more than that stands for all below it. */
  readonly path: string;
  /** @param path as requested, without query */
  answer(path: string): Response | Promise<Response>;
}

/** What this is, for people who come by with a browser. */
export const aboutPage: Route = {
  path: "/",
  answer: () => plain(200, "This is Roost, an IMAP server. Mail clients read mail here.\n"),
};

/** The server's numbers, for Prometheus; not for everybody. */
export function metricsPage(text: () => Promise<string> = metricsText): Route {
  return {
    path: "/metrics",
    answer: async () => plain(200, await text(), { "content-type": METRICS_CONTENT_TYPE }),
  };
}

/** `healthy` resolves when the server can work, and rejects when not. */
export function healthPage(healthy: () => Promise<unknown>): Route {
  return {
    path: "/healthz",
    async answer() {
      try {
        await healthy();
        return plain(200, "ok\n");
      } catch (error) {
        log.error("not healthy", { error });
        return plain(503, "the store cannot be read\n");
      }
    },
  };
}

/** Answers a request; never rejects. @param target a path with or without query, or a URL */
export async function answer(routes: readonly Route[], method: string, target: string): Promise<Response> {
  if (method !== "GET" && method !== "HEAD") {
    return plain(405, "only GET is possible here\n", { allow: "GET, HEAD" });
  }
  const path = URL.parse(target, "http://localhost")?.pathname;
  if (path === undefined) return plain(400, "this is no path\n");
  const route = routes.find((route) => path === route.path || (isFolder(route) && path.startsWith(route.path)));
  if (!route) return plain(404, "there is nothing here\n");
  try {
    return await route.answer(path);
  } catch (error) {
    log.error("request failed", { path: route.path, error });
    return plain(500, "internal error\n");
  }
}

function isFolder({ path }: Route): boolean {
  return path.length > 1 && path.endsWith("/");
}

export function plain(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
}
