import { omit } from "../../common/objects.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupObserved } from "../../model/link.ts";
import { withName } from "../memberships/group-names.ts";

/**
 * What is known of a group that is ours now, under this name. The provider's own spelling of the name we gave stands
 * for that one.
 */
export const ownedGroup = (
  { baseUrl }: Pick<Integration, "baseUrl">,
  observed: GroupObserved,
  remoteId: string,
  name: string,
): GroupObserved => {
  const known = omit(observed, "uncertainCreation", "acceptedAt", "uncertainAt", "former");
  const isSame = observed.remoteId === remoteId;
  const isRespelled = isSame && observed.shownName === name;
  return {
    ...withName(isSame ? known : omit(known, "createdAt"), isRespelled ? String(observed.name) : name),
    ...(isRespelled && { shownName: name }),
    remoteId,
    baseUrl,
  };
};
