import { concurrently } from "../common/concurrently.ts";
import type { Integration } from "../model/integration.ts";
import { remoteIdAt, type UserLink } from "../model/link.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { planUser } from "../provisioning/users/plan-user.ts";
import { readUserStates } from "../provisioning/users/user-state.ts";
import type { ObjectKey } from "./sync-items.ts";

/** A page of an integration's links, and those of them at which something may be to do. */
export type WorkPage = { size: number; found: ObjectKey[]; nextCursor?: string };

/** Users of a step, which costs a write, and of them so many at a time: what is held of these does not make the heap grow. */
const usersInStep = 500;
const usersAtOnce = 100;

/** Users, by a plan of each that needs no request: it tells who needs nothing. */
export const findUserWork = async (
  ports: Ports,
  integration: Integration,
  cursor: string | undefined,
): Promise<WorkPage> => {
  const { integrationId } = integration;
  const found: ObjectKey[] = [];
  let size = 0;
  let nextCursor = cursor;
  do {
    const from = nextCursor !== undefined && { cursor: nextCursor };
    const page = await ports.userLinks.list(integrationId, { limit: usersAtOnce, ...from });
    found.push(...(await usersWithWork(ports, integration, page.items)));
    size += page.items.length;
    nextCursor = page.nextCursor;
  } while (nextCursor !== undefined && size < usersInStep);
  return { size, found, ...(nextCursor !== undefined && { nextCursor }) };
};

const usersWithWork = async (
  ports: Ports,
  integration: Integration,
  links: UserLink[],
): Promise<ObjectKey[]> => {
  const states = await readUserStates(
    ports,
    integration.integrationId,
    links.map(({ id }) => id),
  );
  const managers = await remoteIdsOf(
    ports,
    integration,
    [...states.values()].flatMap(({ saved }) => saved?.user.manager ?? []),
  );
  const profile = ports.profileOf(integration);
  const now = ports.clock.now();
  return [...states].flatMap(([id, { saved, link }]): ObjectKey[] => {
    const managerRemoteId = managers.get(saved?.user.manager ?? "");
    const about = { saved, link, integration, profile, now };
    const plan = planUser({ ...about, ...(managerRemoteId !== undefined && { managerRemoteId }) });
    return plan.kind !== "nothing" || link.attempt ? [{ kind: "user", id }] : [];
  });
};

const remoteIdsOf = async (
  ports: Ports,
  integration: Integration,
  userIds: string[],
): Promise<Map<string, string>> => {
  if (userIds.length === 0) return new Map();
  const states = await readUserStates(ports, integration.integrationId, [...new Set(userIds)]);
  return new Map(
    [...states].flatMap(([id, { link }]): [string, string][] => {
      const remoteId = remoteIdAt(integration, link.observed);
      return remoteId === undefined ? [] : [[id, remoteId]];
    }),
  );
};

const groupsInPage = 100;

/** Groups: all of them, since what is to be done of their members is not told by the group. */
export const findGroupWork = async (
  ports: Ports,
  { integrationId }: Integration,
  cursor: string | undefined,
): Promise<WorkPage> => {
  const { items, nextCursor } = await ports.groupLinks.list(integrationId, {
    limit: groupsInPage,
    ...(cursor !== undefined && { cursor }),
  });
  const found = items.map(({ id }) => ({ kind: "group" as const, id }));
  return { size: items.length, found, ...(nextCursor !== undefined && { nextCursor }) };
};

const atOnce = 8;

/** Each of them looked at, several at a time, in their order. */
export const inOrder = async <K, T>(found: K[], look: (one: K) => Promise<T>): Promise<T[]> =>
  concurrently(found, atOnce, look);
