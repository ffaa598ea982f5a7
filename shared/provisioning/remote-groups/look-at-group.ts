import type { SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupLink } from "../../model/link.ts";
import { openProvider } from "../attempts/open-provider.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import { type GroupLook, recordLook } from "../memberships/group-look.ts";
import type { Context, Ports } from "../ports/ports.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import { findGroup } from "./find-group.ts";

/**
 * Look at the group that a first bind would take over, before anything is done: the directory users whose accounts it
 * shows as members, none where there is no such group. What the look could not find out is left to the attempt, which
 * meets the same and tells it.
 */
export const lookAtGroup = async (
  { ports, call, integration }: Context,
  link: GroupLink,
  name: string,
): Promise<{ look: GroupLook; userIds: string[] }> => {
  const opened = await openProvider({ ports, integration, call }, call);
  const [look, provider] = recordLook(opened, ports.clock.now());
  try {
    const group = await findGroup({ ports, integration, provider, link }, name);
    const holder = group && (await holderOf({ ports, integration, link }, group.id));
    // It is not to be had.
    if (!group || (holder && !isGivenUp(holder))) return { look, userIds: [] };
    const shown = (await provider.readGroup(group.id))?.members;
    const { integrationId, baseUrl } = integration;
    const owners = await ports.claims.ownersOf({ integrationId, kind: "user", baseUrl }, shown ?? []);
    const userIds = new Set(owners.values());
    // Where members are hidden, it is still known who was left in it by the group before.
    for await (const page of holder ? ports.pushedMembers.all(integrationId, holder.id) : [])
      for (const { userId, presence } of page) if (presence !== "out") userIds.add(userId);
    return { look, userIds: [...userIds] };
  } catch (error) {
    const isOfProvider = error instanceof ProviderFailure;
    if (!isOfProvider && !(error instanceof Failure && error.code === "provider-rejected")) throw error;
    return { look, userIds: [] };
  }
};

/** The other directory group that has this group there, where one has. */
export const holderOf = async (
  {
    ports,
    integration: { integrationId, baseUrl },
    link,
  }: Pick<GroupContext, "ports" | "integration" | "link">,
  remoteId: string,
): Promise<GroupLink | undefined> => {
  const id = await ports.claims.ownerOf({ integrationId, kind: "group", baseUrl, remoteId });
  return id === undefined || id === link.id ? undefined : ports.groupLinks.read({ integrationId, id });
};

/** Whether that one was unbound and left as it is: then it gives the group up to the next of its name. */
export const isGivenUp = ({ attempt, assignment, observed }: GroupLink): boolean =>
  !attempt && !assignment.bound && observed.ended === "unbound";

/** Those of these users who are no members, and are in the directory: one who left it is to go in any case. */
export const surplusIn = async (
  { users }: Pick<Ports, "users">,
  userIds: string[],
  isMember: (userId: string) => boolean,
): Promise<SavedUser[]> => {
  const others = userIds.filter((userId) => !isMember(userId));
  return others.length === 0 ? [] : [...(await users.readMany(others)).values()];
};

const mostNames = 100;

/** A first bind takes nobody out without a word, however few. */
export const bindHeld = (name: string, surplus: SavedUser[]): Failure => {
  const count = surplus.length;
  const people = surplus.slice(0, mostNames);
  return new Failure(
    "deprovisions-held",
    `The group ${name} is at the service provider already, and binding it would take ${count} people out of it who are not its members here. Repeat the PUT with ?existing=keep to make them members, or with ?existing=replace&confirm=${count} to take them out.`,
    { facts: { count, userIds: people.map(({ userId }) => userId), names: people.map(nameOf) } },
  );
};

const nameOf = ({ user: { displayname, firstname, lastname } }: SavedUser): string =>
  displayname || [firstname, lastname].filter(Boolean).join(" ");
