/** Requests to the issuer: bounded in time and in size, never led elsewhere, and everything but a 200 is a fault. */

/** The issuer cannot be asked just now, or what it says makes no sense. */
export class IssuerFault extends Error {
  override readonly name = "IssuerFault";
}

const MAX_BODY = 256 * 1024;

export interface RequestLimits {
  /** For the whole of a request, in milliseconds. */
  readonly timeout: number;
}

/** The body of a 200, read whole. @throws {IssuerFault} */
export async function request(
  url: string,
  init: RequestInit,
  { timeout }: RequestLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new IssuerFault(`no answer within ${timeout} ms`)), timeout);
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal: controller.signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new IssuerFault(`status ${response.status}`);
    }
    return await bodyOf(response);
  } catch (error) {
    throw new IssuerFault(`${url}: ${error instanceof Error ? error.message : error}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** As `request`, of a JSON object. @throws {IssuerFault} */
export async function requestJson(
  url: string,
  init: RequestInit,
  limits: RequestLimits,
): Promise<Record<string, unknown>> {
  const headers = new Headers(init.headers);
  headers.set("accept", "application/json");
  const body = await request(url, { ...init, headers }, limits);
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
  }
  throw new IssuerFault(`${url}: the answer is no JSON object`);
}

async function bodyOf({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > MAX_BODY) throw new IssuerFault(`the answer is longer than ${MAX_BODY} bytes`);
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
