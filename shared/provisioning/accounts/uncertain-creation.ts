import { omit } from "../../common/objects.ts";
import type { Attributes } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import { accountNames } from "./account-names.ts";

/**
 * A creation with `next` was sent, and nobody knows its outcome: an account with what it and earlier ones sent may turn
 * up.
 */
export const withUncertainCreation = (observed: UserObserved, next: Attributes): UserObserved => ({
  ...observed,
  uncertainCreation: accountNames(next),
  sent: [...new Set([...(observed.sent ?? []), ...Object.keys(next)])],
});

/** No account is there under these names, and none will turn up. */
export const withoutDoubt = (observed: UserObserved): UserObserved =>
  omit(observed, "uncertainCreation", "sent", "unseen", "elsewhere", "acceptedAt", "uncertainAt");
