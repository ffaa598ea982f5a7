import { omit } from "../../common/objects.ts";
import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import { groupsShownBy } from "../memberships/returned-account.ts";
import type { UserContext } from "./user-context.ts";

/** What is known of an account that is ours now. */
export const ownedAccount = (
  {
    link: { observed },
    integration,
  }: Pick<UserContext, "link"> & { integration: Pick<UserContext["integration"], "baseUrl"> },
  account: RemoteResource,
  pushed: Attributes,
): UserObserved => {
  const known = omit(
    observed,
    "uncertainCreation",
    "sent",
    "unseen",
    "elsewhere",
    "former",
    "uncertain",
    "closingAt",
    "isDeleting",
    "unconfirmed",
    "acceptedAt",
    "uncertainAt",
  );
  const shownIn = groupsShownBy(account);
  return {
    ...(observed.remoteId === account.id ? known : omit(known, "shownName", "createdAt", "openingAt")),
    remoteId: account.id,
    baseUrl: integration.baseUrl,
    pushed,
    ...(shownIn.length > 0 && { shownIn }),
  };
};
