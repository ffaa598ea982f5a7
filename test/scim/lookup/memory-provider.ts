import type { Handler, Received, Reply } from "../loopback.ts";

type Resource = Record<string, unknown> & { id: string };
type Operation = { op: string; path?: string; value?: unknown };

/** Users and groups in memory, as plain as SCIM goes: enough to see what a profile makes the client send. */
export type MemoryProvider = {
  users: Resource[];
  groups: (Resource & { members: { value: string }[] })[];
  /** Answers before the store does. */
  before?: (request: Received) => Reply | undefined;
  handler: Handler;
};

export const memoryProvider = (): MemoryProvider => {
  let made = 0;
  const provider: MemoryProvider = {
    users: [],
    groups: [],
    handler: (request) => provider.before?.(request) ?? answer(request),
  };

  const answer = ({ method, path, query, body }: Received): Reply => {
    const [, , , collection = "", id] = path.split("/");
    const all: Resource[] = collection === "Users" ? provider.users : provider.groups;
    if (collection !== "Users" && collection !== "Groups") return { status: 404 };
    if (method === "POST") {
      const resource = { members: [], ...(body as object), id: String(++made) };
      all.push(resource as never);
      return { status: 201, body: resource as never };
    }
    if (id === undefined) {
      const [, attribute = "", value = ""] = /^(\w+) eq "(.*)"$/.exec(query.filter ?? "") ?? [];
      const found = all.filter((one) => String(one[attribute]).toLowerCase() === value.toLowerCase());
      return { body: { totalResults: found.length, Resources: found as never } };
    }
    const resource = all.find((one) => one.id === decodeURIComponent(id));
    if (!resource) return { status: 404 };
    if (method === "GET") return { body: resource as never };
    if (method === "DELETE") all.splice(all.indexOf(resource), 1);
    else for (const operation of (body as { Operations: Operation[] }).Operations) apply(resource, operation);
    return { status: 204 };
  };
  return provider;
};

const apply = (resource: Resource, { op, path = "", value }: Operation): void => {
  const members = resource.members as { value: string }[] | undefined;
  const [, member] = /^members\[value eq "(.*)"\]$/.exec(path) ?? [];
  if (member !== undefined) resource.members = members?.filter((one) => one.value !== member);
  else if (path === "members" && op === "add") members?.push(...(value as { value: string }[]));
  else if (path !== "") resource[path] = value;
  else Object.assign(resource, value);
};
