import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { serveParent } from "./child.ts";
import type { Recorded } from "./front-provider.ts";
import { blockName } from "./jobs-fill.ts";
import { createGate } from "./throughput-provider.ts";

type Resource = Record<string, unknown> & { id: string };
type Operation = { op: string; path?: string; value: unknown };
type Collection = "Users" | "Groups";

/**
 * A SCIM provider with whole lists that does as little as possible, in a process of its own: `node jobs-provider.ts
 * LATENCY_MS AT_ONCE`. Further requests wait. The id of an object is made of its name, so that copies of objects here fit
 * copies of what the store keeps of them.
 */
const [latencyMs = 0, atOnce = 1_000] = process.argv.slice(2).map(Number);
const enter = createGate(atOnce);
const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const objects: Record<Collection, Map<string, Resource>> = { Users: new Map(), Groups: new Map() };
const requests: Recorded[] = [];
let hidesMembers = false;

const nameIn = ({ userName, displayName }: Record<string, unknown>): string =>
  String(userName ?? displayName);

const apply = (object: Resource, { path, value }: Operation): void => {
  if (path === undefined) Object.assign(object, value);
  else if (path === "members") object.members = [...((object.members ?? []) as unknown[]), value].flat();
  else object[path] = value;
};

const list = (collection: Collection, query: URLSearchParams): object => {
  const { [collection]: all } = objects;
  const name = /eq "([^"]+)"/.exec(query.get("filter") ?? "")?.[1];
  if (name !== undefined) {
    const Resources = [all.get(`r-${name}`)].filter((object) => object !== undefined);
    return { schemas: [listSchema], totalResults: Resources.length, Resources };
  }
  const startIndex = Number(query.get("startIndex") ?? 1);
  const count = Number(query.get("count") ?? 100);
  const some = [...all.values()].slice(startIndex - 1, startIndex - 1 + count);
  const Resources = hidesMembers ? some.map(({ members: _, ...shown }) => shown) : some;
  return { schemas: [listSchema], totalResults: all.size, startIndex, itemsPerPage: some.length, Resources };
};

const answer = ({ method, path, body }: Recorded): [number, unknown?] => {
  const { pathname, searchParams } = new URL(path, "http://127.0.0.1");
  const [, collection, id] = pathname.split("/") as [string, string, string?];
  if (collection !== "Users" && collection !== "Groups") return [404, {}];
  const { [collection]: all } = objects;
  if (method === "POST") {
    const sent = JSON.parse(body);
    const object = { ...sent, id: `r-${nameIn(sent)}` };
    all.set(object.id, object);
    return [201, object];
  }
  if (id === undefined) return [200, list(collection, searchParams)];
  const object = all.get(decodeURIComponent(id));
  if (!object) return [404, {}];
  if (method === "PATCH") for (const operation of JSON.parse(body).Operations) apply(object, operation);
  const { members, ...rest } = object;
  return [200, searchParams.has("excludedAttributes") ? rest : object];
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const server = createServer(async (request, response) => {
  const one = { method: request.method ?? "", path: request.url ?? "", body: await readBody(request) };
  requests.push(one);
  const leave = await enter();
  if (latencyMs > 0) await sleep(latencyMs);
  const [status, body] = answer(one);
  response.writeHead(status, { "content-type": "application/scim+json" });
  response.end(JSON.stringify(body));
  leave();
});
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
serveParent(
  { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
  {
    /** What has arrived since it was last asked. */
    requests: (): Recorded[] => requests.splice(0),
    /** The objects of the model block once more, for each block from one up to another one. */
    copy: (from: number, to: number) => {
      for (const all of Object.values(objects)) {
        const model = [...all.values()].map((object) => JSON.stringify(object));
        const own = model.filter((object) => object.includes(blockName(0)));
        for (let nth = from; nth < to; nth += 1)
          for (const text of own) {
            const object: Resource = JSON.parse(text.replaceAll(blockName(0), blockName(nth)));
            all.set(object.id, object);
          }
      }
    },
    /** Accounts that nobody has made here: `stranger-0@example.com` and so on. */
    addStrangers: (count: number) => {
      for (let nth = 0; nth < count; nth += 1) {
        const userName = `stranger-${nth}@example.com`;
        const name = { givenName: "Ada", familyName: `Byron ${nth}` };
        const emails = [{ type: "work", value: userName, primary: true }];
        objects.Users.set(`r-${userName}`, { id: `r-${userName}`, userName, name, emails, active: true });
      }
    },
    /** By hand: of the last accounts some get another title, and as many are gone. */
    drift: (count: number) => {
      const ids = [...objects.Users.keys()].slice(-2 * count);
      for (const id of ids.slice(0, count)) Object.assign(objects.Users.get(id) ?? {}, { title: "By hand" });
      for (const id of ids.slice(count)) objects.Users.delete(id);
    },
    hideMembers: () => {
      hidesMembers = true;
    },
    empty: () => {
      objects.Users.clear();
      objects.Groups.clear();
    },
  },
  () => server.close().closeAllConnections(),
);
