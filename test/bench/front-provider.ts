import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { serveParent } from "./child.ts";

/** A request that arrived, as the bare loop sends it again. */
export type Recorded = { method: string; path: string; body: string };
type Resource = Record<string, unknown> & { id: string };
type Operation = { op: string; path?: string; value: unknown };

/**
 * A SCIM provider that does as little as possible, in a process of its own. The id of an object is made of its name, so
 * that objects which were put into the store, past the provider, have one that it understands.
 */
const objects = new Map<string, Resource>();
let delayMs = 0;
let recorded: Recorded[] | undefined;

const named = (path: string): string => /eq "([^"]+)"/.exec(decodeURIComponent(path))?.[1] ?? "";

const known = (id: string): Resource => {
  const object = objects.get(id) ?? { id, userName: id.slice("r-".length), active: true };
  objects.set(id, object);
  return object;
};

const apply = (object: Resource, { path, value }: Operation): void => {
  if (path === undefined) Object.assign(object, value);
  else if (path === "members") object.members = [...((object.members ?? []) as unknown[]), value].flat();
  else object[path] = value;
};

const answer = ({ method, path, body }: Recorded): [number, unknown?] => {
  if (method === "POST") {
    const sent = JSON.parse(body);
    const object = { ...sent, id: `r-${sent.userName ?? sent.displayName}` };
    objects.set(object.id, object);
    return [201, object];
  }
  const [, type, id] = /^\/(Users|Groups)\/([^?]+)/.exec(path) ?? [];
  if (id === undefined) {
    const Resources = [objects.get(`r-${named(path)}`)].filter((object) => object !== undefined);
    const schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
    return [200, { schemas, totalResults: Resources.length, Resources }];
  }
  const object = known(decodeURIComponent(id));
  if (method === "PATCH") for (const operation of JSON.parse(body).Operations) apply(object, operation);
  const { members, ...rest } = object;
  if (method === "PATCH" && type === "Groups") return [204];
  return [200, path.includes("excludedAttributes") ? rest : object];
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const server = createServer(async (request, response) => {
  const one = { method: request.method ?? "", path: request.url ?? "", body: await readBody(request) };
  recorded?.push(one);
  if (delayMs > 0) await sleep(delayMs);
  const [status, body] = answer(one);
  response.writeHead(status, { "content-type": "application/scim+json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
});
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
serveParent(
  { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
  {
    delay: (ms: number) => {
      delayMs = ms;
    },
    record: () => {
      recorded = [];
    },
    recorded: () => {
      const all = recorded;
      recorded = undefined;
      return all;
    },
  },
  () => server.close().closeAllConnections(),
);
