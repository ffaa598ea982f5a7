import type { RemoteResource } from "../../model/attributes.ts";
import { isSoughtInList } from "../attempts/accepted-creation.ts";
import { nameOf, onlyMatch } from "../attempts/only-match.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import type { ProviderFailure } from "../ports/provider-failure.ts";
import { listOwnGroups } from "./find-uncertain-group.ts";

type Seeking = Pick<GroupContext, "ports" | "integration" | "provider" | "link">;

/**
 * The group of this name, before one is created. Providers hold names to be equal that differ in case, normal form or
 * blanks (RFC 7643 §8.7.1): the one of exactly this name goes first, and others count unless they are another directory
 * group's, since the provider may let both be.
 * @throws Failure `provider-rejected` for several
 */
export const findGroup = async (work: Seeking, name: string): Promise<RemoteResource | undefined> => {
  const named = await work.provider.findGroups(name);
  const { observed } = work.link;
  const isOfName = named.length === 0 && observed.uncertainCreation === name;
  const isListed = isOfName && isSoughtInList(observed, work.ports.clock.now());
  const { exact, free } = await byClaim(work, isListed ? await listOwnGroups(work, name) : named, name);
  return onlyMatch(exact.length > 0 ? exact : free, name);
};

/**
 * The group that a creation under this name, which failed so, has made or met. The list is asked where a conflict is
 * with none that the filter finds, or one may have been made that it does not find. One that is another directory
 * group's is answered as well: it is the conflict.
 * @throws Failure `provider-rejected` for several
 */
export const findHiddenGroup = async (
  work: Seeking,
  name: string,
  { kind, maybeApplied }: ProviderFailure,
): Promise<RemoteResource | undefined> => {
  const { provider } = work;
  const found = await provider.findGroups(name);
  const isConflict = kind === "conflict";
  const list = async () => {
    if (isConflict) return provider.listGroups(name);
    return maybeApplied && kind !== "accepted" ? listOwnGroups(work, name) : [];
  };
  const { exact, free, others } = await byClaim(work, found.length > 0 ? found : await list(), name);
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
