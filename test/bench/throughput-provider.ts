import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** `from`: requests of that method alone are counted. */
export type Limit = { perSecond: number; kind: "window" | "bucket"; from?: "PATCH" };
export type ProviderOptions = { latencyMs: number; atOnce: number; limit?: Limit };
export type Recorded = { method: string; path: string; body: string };
/** A change of an account, at its arrival (Unix ms, with fractions). */
export type Arrival = Recorded & { at: number };

/** The same moment in all processes of the machine. */
export const clockNow = (): number => performance.timeOrigin + performance.now();

/**
 * A SCIM provider that does as little as possible: users are looked up by name, made, changed and deleted. It handles `atOnce` requests
 * at a time; further ones wait. Its limit, where it has one, is a fixed window of a second or a bucket that holds a
 * second's worth, and every answer tells it.
 */
export const startThroughputProvider = async ({ latencyMs, atOnce, limit }: ProviderOptions) => {
  const users = new Map<string, string>();
  const enter = createGate(atOnce);
  const free = () => ({ allowed: true, headers: {} });
  const admit = limit ? createLimiter(limit) : free;
  const counts = { taken: 0, refused: 0, mostAtOnce: 0 };
  const firsts: Recorded[] = [];
  const arrivals: Arrival[] = [];
  let under = 0;

  const server = createServer(async (request, response) => {
    const at = clockNow();
    const body = await readBody(request);
    const leave = await enter();
    under += 1;
    counts.mostAtOnce = Math.max(counts.mostAtOnce, under);
    const recorded = { method: request.method ?? "", path: request.url ?? "", body };
    const isCounted = limit?.from === undefined || limit.from === recorded.method;
    const { allowed, headers } = isCounted ? admit() : free();
    if (!allowed) counts.refused += 1;
    else if (isCounted) counts.taken += 1;
    if (firsts.length < 10) firsts.push(recorded);
    if (allowed && ["PATCH", "DELETE"].includes(recorded.method)) arrivals.push({ ...recorded, at });
    await sleep(latencyMs);
    const [status, answer] = allowed ? handle(users, recorded) : [429, ""];
    response.writeHead(status, { "content-type": "application/scim+json", ...headers });
    response.end(answer === "" ? undefined : answer);
    under -= 1;
    leave();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    firsts,
    /** Changes that arrived since it was last asked. */
    takeArrivals: () => arrivals.splice(0),
    userCount: () => users.size,
    close: () => server.close().closeAllConnections(),
  };
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const handle = (users: Map<string, string>, { method, path, body }: Recorded): [number, string] => {
  if (method === "POST") {
    const user: { userName: string } = JSON.parse(body);
    if (users.has(user.userName)) return [409, ""];
    const id = `u-${users.size}`;
    users.set(user.userName, id);
    return [201, JSON.stringify({ ...user, id })];
  }
  if (method !== "GET") return [204, ""];
  const name = /eq "([^"]+)"/.exec(decodeURIComponent(path))?.[1] ?? "";
  const id = users.get(name);
  const Resources = id === undefined ? [] : [{ id, userName: name }];
  const schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
  return [200, JSON.stringify({ schemas, totalResults: Resources.length, Resources })];
};

/** Lets `width` in at a time; answers with the way out. */
export const createGate = (width: number) => {
  const waiting: (() => void)[] = [];
  let free = width;
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async (): Promise<() => void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((enter) => waiting.push(enter));
    return leave;
  };
};

const createLimiter = ({ perSecond, kind }: Limit) => {
  let left = perSecond;
  let at = Date.now();
  return () => {
    const now = Date.now();
    if (kind === "bucket") left = Math.min(perSecond, left + ((now - at) * perSecond) / 1000);
    else if (Math.floor(now / 1000) > Math.floor(at / 1000)) left = perSecond;
    at = now;
    const allowed = left >= 1;
    if (allowed) left -= 1;
    const said = Math.floor(left);
    const headers: Record<string, string> =
      kind === "bucket"
        ? { "ratelimit-limit": `${perSecond}`, "ratelimit-remaining": `${said}`, "ratelimit-reset": "1" }
        : {
            "x-ratelimit-limit": `${perSecond}`,
            "x-ratelimit-remaining": `${said}`,
            "x-ratelimit-reset": `${Math.floor(now / 1000) + 1}`,
          };
    return { allowed, headers: allowed ? headers : { ...headers, "retry-after": "1" } };
  };
};
