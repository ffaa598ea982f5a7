import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { groupOfName, userOfExternalId, userOfName } from "../../../shared/sources/find-named.ts";
import { isOfDirectory } from "../check-directory.ts";
import type { World } from "../world.ts";
import type { Person, Team } from "./dialects.ts";
import type { Fed } from "./identity-provider.ts";

export type Fedness = { users: Fed<Person>[]; groups: Fed<Team>[] };

/** Whose last change was answered by a 2xx is in the directory as the identity provider says, under every name. */
export const checkTold = async (
  { look }: { look: Ports },
  sourceId: string,
  { users, groups }: Fedness,
): Promise<string[]> => {
  const problems: string[] = [];
  for (const { id, told, isDirty } of users) {
    if (!told || isDirty || id === undefined) continue;
    const saved = await look.users.read(id);
    const is = saved && {
      userName: saved.source?.name,
      externalId: saved.source?.externalId,
      title: saved.user.jobTitle,
      active: saved.user.suspended !== true,
    };
    const { userName, externalId, title, active } = told;
    const was = { userName, externalId, title, active };
    if (saved?.deleted || JSON.stringify(is) !== JSON.stringify(was))
      problems.push(`user ${id} was told as ${JSON.stringify(was)}, and is ${JSON.stringify(is)}`);
    for (const found of [
      await userOfName(look, sourceId, told.userName),
      await userOfExternalId(look, sourceId, told.externalId),
    ])
      if (found?.userId !== id) problems.push(`user ${id} is not found by a name: ${found?.userId}`);
  }
  for (const { id, told, isDirty } of groups) {
    if (!told || isDirty || id === undefined) continue;
    const saved = await look.groups.read(id);
    const members: string[] = [];
    if (saved) for await (const page of look.groups.members(id, saved.version)) members.push(...page);
    // Whose deletion was not answered by a 2xx may be in a group, without an account, and whose creation was not may be in none.
    const isOpen = (one: string) =>
      users.some((user) => user.unanswered.has(one) || (user.id === one && !user.wanted));
    const wanted = told.members.flatMap((at) => users[at]?.id ?? []).filter((one) => !isOpen(one));
    const is = members.filter((one) => !isOpen(one));
    const isAny = users.some((user, at) => told.members.includes(at) && user.isDirty);
    if (!isAny && is.toSorted().join() !== wanted.toSorted().join())
      problems.push(`group ${id} was told to have ${wanted}, and has ${is}`);
    const found = await groupOfName(look, sourceId, told.displayName);
    if (found?.groupId !== id) problems.push(`group ${id} is not found by its name: ${found?.groupId}`);
  }
  return problems;
};

/** Nobody is there twice or open without being wanted, and each event leads to a request of the source. */
export const checkAtEnd = ({ memory, told }: World, sourceId: string, { users }: Fedness): string[] => {
  const all = [...memory.users.values()].filter(({ deleted }) => !deleted);
  // Whose creation was not answered, and who was given up before anybody looked, is nobody's to the identity provider.
  const isGivenUp = (externalId: string | undefined) =>
    users.some((user, at) => user.id === undefined && !user.wanted && externalId === `e-${at}`);
  const open = all
    .filter(({ user, source }) => user.suspended !== true && !isGivenUp(source?.externalId))
    .map(({ userId }) => userId);
  const wanted = users.flatMap(({ wanted: one, id }) => (one?.active && id !== undefined ? [id] : []));
  const names = all.map(({ user }) => user.username?.toLowerCase());
  const events = [...memory.events.values()].map(({ event }) => event).filter(isOfDirectory);
  return [
    ...(open.toSorted().join() === wanted.toSorted().join() ? [] : [`open are ${open}, and not ${wanted}`]),
    ...(new Set(names).size === names.length ? [] : [`somebody is there twice: ${names}`]),
    ...events
      .filter(({ resource }) => resource.type !== "source")
      // What the service goes on with by itself, after a request was cut off, is under the correlation of that.
      .filter(({ initiated_by: by, correlation }) =>
        by.type === "source" ? by.id !== sourceId : by.type !== "service" || !told.has(correlation.id),
      )
      .map(({ id, event_type }) => `event ${event_type} ${id} was not begun by the source`),
  ];
};
