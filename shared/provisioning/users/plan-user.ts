import { diffAttributes } from "../../mapping/diff-attributes.ts";
import { fitAttributes } from "../../mapping/fit-attributes.ts";
import { mapUser } from "../../mapping/map-user.ts";
import { spelledNames } from "../../mapping/spelled-names.ts";
import { isOpenForSure, isShutForSure } from "../../model/account-facts.ts";
import type { Attributes } from "../../model/attributes.ts";
import { isLetIn, type SavedUser } from "../../model/directory.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import type { Profile } from "../../model/profile.ts";
import { possibleAccount } from "../accounts/account-names.ts";
import { awaitsLook, isDying } from "../accounts/opening-in-doubt.ts";
import { possibleValues } from "../accounts/uncertain-values.ts";
import { notSentYet } from "../accounts/unconfirmed-values.ts";
import type { UserPlan } from "../accounts/user-plan.ts";
import { isDeletedLater, isInScope, isUnmanaged, removalOf, unmanaged } from "../assignments/assignment.ts";
import { namesToVerify } from "./names-to-verify.ts";
import { notActiveReason } from "./user-state.ts";

type State = {
  saved: SavedUser | undefined;
  link: UserLink;
  integration: Integration;
  profile: Profile;
  /** Unix ms. */
  now: number;
  managerRemoteId?: string;
  /** What this call has sent of the user, where it has, and the provider shows otherwise, by path. */
  sent?: Attributes | undefined;
};

const unchanged = (reason?: string): UserPlan => ({
  kind: "nothing",
  action: "unchanged",
  ...(reason && { reason }),
});
const skipped = (reason: string): UserPlan => ({ kind: "nothing", action: "skipped", reason });

export const planUser = (state: State): UserPlan => {
  const { saved, link } = state;
  if (saved && !saved.deleted && isInScope(link.assignment)) return planInScope(state, saved);
  return planRemoval(state);
};

const planInScope = (state: State, saved: SavedUser): UserPlan => {
  const { link, integration, profile, managerRemoteId, sent } = state;
  const { remoteId, baseUrl, uncertainCreation } = link.observed;
  const active = isLetIn(saved);
  const sought = possibleAccount(integration, link.observed);
  if (!remoteId && !active && sought) return { kind: "find", sought };
  if (!remoteId && !active) {
    return skipped(notActiveReason(saved));
  }
  // Only `active` goes out for a user to be shut out: a clash in another attribute must not keep the account open,
  // and some providers refuse other changes of an inactive user. What else changed follows with the reactivation.
  if (remoteId && !active) return planDeactivation(state, remoteId);

  const mapped = mapUser(
    saved.user,
    saved.userId,
    integration.attributeMappings,
    managerRemoteId ? { managerRemoteId } : {},
  );
  if ("missing" in mapped) return { kind: "unmappable", errors: mapped.missing };
  const fitted = fitAttributes(mapped.attributes, profile);
  if ("missing" in fitted) return { kind: "unmappable", errors: fitted.missing };
  const next = fitted.attributes;
  if (!remoteId && uncertainCreation && uncertainCreation.userName !== next.userName)
    return { kind: "find", sought: uncertainCreation };
  if (!remoteId || baseUrl !== integration.baseUrl) {
    const spelled = spelledNames(saved.user, saved.userId, integration.attributeMappings, next);
    return { kind: "provision", next, spelled, ...(remoteId && { verify: remoteId }) };
  }
  return isDying(link.observed)
    ? { kind: "look", isWanted: true }
    : planUpdate(link.observed, remoteId, next, sent);
};

const planUpdate = (
  observed: UserObserved,
  remoteId: string,
  next: Attributes,
  sent?: Attributes,
): UserPlan => {
  const differing = diffAttributes(possibleValues(observed, next), next);
  const changes = sent ? notSentYet(differing, sent) : differing;
  if (changes.length === 0) return unchanged();
  return {
    kind: "update",
    remoteId,
    next,
    changes,
    does: isOpenForSure(observed) ? "updated" : "reactivated",
    // What was just created inactive may be activated either way.
    ...(sent && Object.keys(sent).length > 0 && { once: true }),
  };
};

const planRemoval = (state: State): UserPlan => {
  const { saved, link, integration, profile, now } = state;
  if (isUnmanaged(link)) return skipped(unmanaged);
  const wanted = removalOf(link.assignment, saved);
  const removal = wanted === "delete" && isDeletedLater(link.assignment, now) ? "deprovision" : wanted;
  const { remoteId } = link.observed;
  const isToGo = ["deprovision", "delete"].includes(removal ?? "none");
  const sought = possibleAccount(integration, link.observed);
  if (!remoteId && sought && isToGo) return { kind: "find", sought };
  if (!remoteId) return unchanged("there is no account to take away");
  const verify = verifying(state);
  if (removal === "delete") {
    // Where DELETE deactivates, an inactive account is as deleted as it can be.
    const isDeleted = profile.delete === "deactivates" && isShutForSure(link.observed) && !verify;
    const isOpen = profile.delete === "deactivates" ? awaitsLook(link.observed) : isDying(link.observed);
    if (isOpen && !verify) return { kind: "look" };
    return isDeleted ? unchanged() : { kind: "delete", remoteId, ...(verify && { verify }) };
  }
  if (removal === "deprovision") return planDeactivation(state, remoteId);
  return unchanged("the policy leaves the account as it is");
};

const planDeactivation = (state: State, remoteId: string): UserPlan => {
  const { observed } = state.link;
  const verify = verifying(state);
  if (isShutForSure(observed) && !verify) return unchanged();
  if (awaitsLook(observed) && !verify) return { kind: "look" };
  const { pushed = {} } = observed;
  const { active } = possibleValues(observed, { active: false });
  const changes = [{ path: "active", ...(active !== undefined && { from: active }), to: false }];
  const next = { ...pushed, active: false };
  return { kind: "deprovision", remoteId, next, changes, ...(verify && { verify }) };
};

const verifying = (state: State): Attributes[] | undefined =>
  state.link.observed.baseUrl === state.integration.baseUrl ? undefined : namesToVerify(state);
