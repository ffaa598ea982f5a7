import type { RemoteResource } from "../../model/attributes.ts";
import { nameOf, onlyMatch } from "../attempts/only-match.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import type { ProviderFailure } from "../ports/service-provider.ts";

type Seeking = Pick<GroupContext, "ports" | "integration" | "provider" | "link">;

/**
 * The group of this name, before one is created. Providers hold names to be equal that differ in case, normal form or
 * blanks (RFC 7643 §8.7.1): the one of exactly this name goes first, and others count unless they are another directory
 * group's, since the provider may let both be.
 * @throws Failure `provider-rejected` for several
 */
export const findGroup = async (work: Seeking, name: string): Promise<RemoteResource | undefined> => {
  const { exact, free } = await byClaim(work, await work.provider.findGroups(name), name);
  return onlyMatch(exact.length > 0 ? exact : free, name);
};

/**
 * The group that a creation under this name, which failed so, has made or met. The whole list is asked where a conflict
 * is with none that the filter finds. One that is another directory group's is answered as well: it is the conflict.
 * @throws Failure `provider-rejected` for several
 */
export const findHiddenGroup = async (
  work: Seeking,
  name: string,
  { kind }: ProviderFailure,
): Promise<RemoteResource | undefined> => {
  const { provider } = work;
  const found = await provider.findGroups(name);
  const isConflict = kind === "conflict";
  const listed = isConflict && found.length === 0 ? await provider.listGroups(name) : found;
  const { exact, free, others } = await byClaim(work, listed, name);
  const [first = []] = [exact, free, isConflict ? others : []].filter(({ length }) => length > 0);
  return onlyMatch(first, name);
};

/** `exact`: of this very name, whatever group claims them. Those of a name that is equal for the provider, by claim. */
const byClaim = async (
  { ports, integration: { integrationId, baseUrl }, link }: Seeking,
  groups: RemoteResource[],
  name: string,
): Promise<Record<"exact" | "free" | "others", RemoteResource[]>> => {
  const exact = groups.filter((group) => nameOf(group) === name);
  const similar = groups.filter((group) => nameOf(group) !== name);
  if (similar.length === 0) return { exact, free: [], others: [] };
  const ids = similar.map(({ id }) => id);
  const owners = await ports.claims.ownersOf({ integrationId, kind: "group", baseUrl }, ids);
  const isFree = ({ id }: RemoteResource) => [undefined, link.id].includes(owners.get(id));
  return { exact, free: similar.filter(isFree), others: similar.filter((group) => !isFree(group)) };
};
