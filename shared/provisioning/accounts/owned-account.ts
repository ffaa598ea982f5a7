import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import { withoutAccepted } from "../attempts/accepted-creation.ts";
import { groupsShownBy } from "../memberships/returned-account.ts";
import type { UserContext } from "./user-context.ts";

/** What is known of an account that is ours now. */
export const owned = (
  { link, integration }: Pick<UserContext, "link" | "integration">,
  account: RemoteResource,
  pushed: Attributes,
): UserObserved => {
  const { id: remoteId } = account;
  const {
    uncertainCreation: _,
    former: __,
    uncertain: ___,
    shownName,
    createdAt,
    ...rest
  } = withoutAccepted(link.observed);
  const kept = link.observed.remoteId === remoteId && {
    ...(shownName !== undefined && { shownName }),
    ...(createdAt !== undefined && { createdAt }),
  };
  const shownIn = groupsShownBy(account);
  return {
    ...rest,
    ...kept,
    remoteId,
    baseUrl: integration.baseUrl,
    pushed,
    ...(shownIn.length > 0 && { shownIn }),
  };
};
