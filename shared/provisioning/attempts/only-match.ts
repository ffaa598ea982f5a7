import { asText, readAttribute, readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import { Failure } from "../../model/failure.ts";

/** @throws Failure `provider-rejected` where several resources match: the first of several is never taken. */
export const onlyMatch = (matches: RemoteResource[], name: string): RemoteResource | undefined => {
  if (matches.length < 2) return matches[0];
  const ids = matches.map(({ id }) => id).join(", ");
  throw new Failure(
    "provider-rejected",
    `${matches.length} resources at the service provider are named ${name} (${ids}). Remove all but one there and repeat the call.`,
  );
};

/**
 * Of groups whose names differ in case, normal form or blanks alone the one of this very name comes first. @throws as
 * above
 */
export const onlyNamed = (groups: RemoteResource[], name: string): RemoteResource | undefined => {
  const exact = groups.filter((group) => nameOf(group) === name);
  return onlyMatch(exact.length > 0 ? exact : groups, name);
};

/**
 * Those with our externalId; where none has it, those that show none, as several providers do not keep it.
 */
export const ownOf = (resources: RemoteResource[], externalId: string | undefined): RemoteResource[] => {
  const shown = ({ resource }: RemoteResource) => readKey(resource, "externalId") ?? undefined;
  const ours = resources.filter((one) => shown(one) === externalId);
  return ours.length > 0 ? ours : resources.filter((one) => shown(one) === undefined);
};

/** Under which the provider shows the group. */
export const nameOf = ({ resource }: RemoteResource): string =>
  asText(readAttribute(resource, "displayName"));
