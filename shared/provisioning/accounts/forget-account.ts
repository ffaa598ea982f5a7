import { omit } from "../../common/objects.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { linkedNames } from "./account-names.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

/**
 * What is known once the account is gone or not ours: which attributes it was given, and nothing else of it. Some
 * providers keep what they were told to destroy or delete, and show it again to a later lookup. One that is
 * `elsewhere`, under its name and another id, is to be looked for before the user counts as without an account.
 */
export const withoutAccount = (link: UserLink, where: "gone" | "elsewhere" = "gone"): UserObserved => {
  const { remoteId, pushed, uncertain, isDeleting, closingAt } = link.observed;
  const rest = omit(
    link.observed,
    "remoteId",
    "baseUrl",
    "createdAt",
    "shownName",
    "mayBeIn",
    "pushed",
    "uncertain",
    "openingAt",
    "closingAt",
    "isDeleting",
    "unconfirmed",
  );
  if (!remoteId) return rest;
  return {
    ...rest,
    former: {
      remoteId,
      paths: Object.keys({ ...pushed, ...uncertain }),
      ...(isDeleting && closingAt !== undefined && { deletedAt: closingAt }),
    },
    ...(where === "elsewhere" && { uncertainCreation: linkedNames(link) }),
  };
};

/** The same, once the provider has taken our deletion. `now`: Unix ms. */
export const withoutDeleted = (link: UserLink, now: number): UserObserved => {
  const { former, ...rest } = withoutAccount(link);
  return { ...rest, ...(former && { former: { ...former, deletedAt: new Date(now).toISOString() } }) };
};

/** There is nothing to take away any more. Where a deletion of unknown outcome is the reason, the event tells that one. */
export const goneAlready = (
  { link, provider }: UserContext,
  eventType: "user_deprovision" | "user_delete_provision",
  note: string,
  where: "gone" | "elsewhere" = "gone",
): UserOutcome => {
  const isDeletion = eventType === "user_delete_provision" || (link.observed.isDeleting && where === "gone");
  return {
    outcome: {
      success: true,
      eventType: isDeletion ? "user_delete_provision" : eventType,
      changes: [],
      answer: provider.lastAnswer(),
      notes: [note],
    },
    observed: withoutAccount(link, where),
    does: isDeletion ? "deleted" : "deprovisioned",
  };
};

/** For `goneAlready`. */
export const noLongerThere = "The account no longer exists at the service provider.";
export const notKnownThere = "The account is not known under the new base URL.";
