import { isDeepStrictEqual } from "node:util";
import { omit } from "../common/objects.ts";
import { diffAgainstRemote } from "../mapping/diff-attributes.ts";
import { fitAttributes } from "../mapping/fit-attributes.ts";
import { mapUser } from "../mapping/map-user.ts";
import { readAttribute } from "../mapping/remote-attributes.ts";
import { managerTarget } from "../mapping/sends-manager.ts";
import type { AttributeChange, Attributes, RemoteResource } from "../model/attributes.ts";
import { isLetIn } from "../model/directory.ts";
import { fitToKeep } from "../model/fit-to-keep.ts";
import type { Integration } from "../model/integration.ts";
import type { Unconfirmed, UserObserved } from "../model/link.ts";
import type { Profile } from "../model/profile.ts";
import type { NotShown, SyncItem } from "../model/sync.ts";
import { compareAccount } from "../provisioning/accounts/compare-account.ts";
import { isInScope, isLeftAsItIs, removalOf } from "../provisioning/assignments/assignment.ts";
import { isFresh } from "../provisioning/attempts/fresh-creation.ts";
import { isInGrace } from "../provisioning/users/grace.ts";
import type { UserState } from "../provisioning/users/user-state.ts";

/**
 * What was found, and what is known of the object by then. `notShown`: what the service provider does not show, so that nobody
 * can tell.
 */
export type Compared<O> = { findings: SyncItem[]; observed: O; notShown?: NotShown };

type About = {
  integration: Integration;
  profile: Profile;
  /** Unix ms. */
  now: number;
  /** Paths that the service provider is seen to show of nobody. */
  hidden?: ReadonlySet<string>;
};
type User = Pick<UserState, "saved" | "link">;

/** A request of unknown outcome may be carried out so long afterwards. */
const lateMs = 60_000;

/**
 * An account, undefined where a read has said that there is none, beside what is wanted of it. What was never given to it
 * is not compared, and what still shows as it was pushed, and is to change, is no finding: that waits for its turn, for the
 * end of a grace, or in a hold. What was in doubt is known then. A difference is kept as unconfirmed, so that the next plan
 * has it and nobody calls it in step.
 */
export const compareUser = (
  about: About,
  user: User,
  account: RemoteResource | undefined,
): Compared<UserObserved> => {
  const { observed } = user.link;
  if (isLeftAsItIs(user.link, user.saved))
    return { findings: [], observed: seenOpen(about, observed, account) };
  const wanted = wantedOf(about, user);
  // What was sent to end it is looked for by the next plan.
  const isToBeSeen = observed.closingAt === undefined && !observed.isDeleting;
  if (!wanted || !isToBeSeen || isInGrace(user, about.now)) return { findings: [], observed };
  if (account) return compareShown(about, user, account, wanted);
  if (wanted.active !== true || isFresh(observed, about.now)) return { findings: [], observed };
  return missing(about, user);
};

/** Nothing is wanted of an account that nobody holds; but whether it is open is told where its user is to have no access. */
const seenOpen = (
  { hidden, now }: About,
  observed: UserObserved,
  account: RemoteResource | undefined,
): UserObserved => {
  if (!account && isFresh(observed, now)) return observed;
  if (account && (hidden?.has("active") || isNotShown(account, "active"))) return observed;
  const active = account ? readAttribute(account.resource, "active") === true : false;
  return { ...observed, pushed: { ...observed.pushed, active } };
};

/** By path. Undefined where nothing is wanted of the account, or nobody can say what. */
const wantedOf = ({ integration, profile }: About, { saved, link }: User): Attributes | undefined => {
  const { assignment, observed } = link;
  if (!isInScope(assignment) || !saved || saved.deleted)
    return ["deprovision", "delete"].includes(removalOf(assignment, saved) ?? "none")
      ? { active: false }
      : undefined;
  if (!isLetIn(saved)) return { active: false };
  // Another manager by now waits for its turn.
  const manager = observed.pushed?.[managerTarget];
  const context = typeof manager === "string" ? { managerRemoteId: manager } : {};
  const mapped = mapUser(saved.user, saved.userId, integration.attributeMappings, context);
  const fitted = "missing" in mapped ? mapped : fitAttributes(mapped.attributes, profile);
  return "missing" in fitted ? { active: true } : fitted.attributes;
};

const compareShown = (
  { now, hidden }: About,
  { link }: User,
  account: RemoteResource,
  wanted: Attributes,
): Compared<UserObserved> => {
  const { observed } = link;
  const { pushed = {}, uncertain = {}, unconfirmed } = observed;
  const isBack = unconfirmed?.expected.id !== undefined;
  const isOurs = (path: string) =>
    isBack ||
    path === "active" ||
    path in pushed ||
    path in uncertain ||
    path in (unconfirmed?.expected ?? {});
  const isCompared = (path: string) => isOurs(path) && !hidden?.has(path) && !isNotShown(account, path);
  const next = Object.fromEntries(Object.entries(wanted).filter(([path]) => isCompared(path)));
  const { known, changes } = compareAccount(account, next, link);
  const found = changes.filter((change) => change.to !== undefined && !isOnItsWay(observed, change));
  const told = link.work?.state === "held" ? [] : found;
  return {
    findings: told.map((change) => toFinding(link.id, account.id, change)),
    observed: settle(observed, { paths: Object.keys(next), known, differing: found, now }),
    ...(isNotShown(account, "active") && { notShown: ["active"] }),
  };
};

/** Some show neither whether an account is open nor our id of it. */
const isNotShown = ({ resource }: RemoteResource, path: string): boolean =>
  (path === "active" && typeof readAttribute(resource, path) !== "boolean") ||
  (path === "externalId" && readAttribute(resource, path) === undefined);

/** It is there as it was pushed last, and something else is wanted by now. */
const isOnItsWay = (
  { pushed = {}, uncertain = {}, unconfirmed }: UserObserved,
  { path, from }: AttributeChange,
): boolean => {
  const before = pushed[path];
  if (before === undefined || path in uncertain || path in (unconfirmed?.expected ?? {})) return false;
  return diffAgainstRemote({ [path]: from ?? null }, { [path]: before }).length === 0;
};

type Shown = { paths: string[]; known: Attributes; differing: AttributeChange[]; now: number };

const settle = (observed: UserObserved, { paths, known, differing, now }: Shown): UserObserved => {
  const { uncertain = {}, unconfirmed, lastAttemptAt } = observed;
  const isOld = lastAttemptAt === undefined || now - Date.parse(lastAttemptAt) >= lateMs;
  const doubted = { ...unconfirmed?.expected, ...(isOld && uncertain) };
  const isDoubted = (path: string) => "id" in doubted || path in doubted;
  const seen = [...paths.filter(isDoubted), ...differing.map(({ path }) => path)];
  const shown = seen.flatMap((path) => (known[path] === undefined ? [] : [[path, known[path]] as const]));
  const pushed = { ...omit(observed.pushed ?? {}, ...seen), ...Object.fromEntries(shown) };
  const left = isOld ? omit(uncertain, ...paths) : uncertain;
  const isSettled = isOld && paths.includes("active");
  const open = openNow(unconfirmed, paths, differing);
  const rest = omit(observed, "uncertain", "unconfirmed", ...(isSettled ? (["openingAt"] as const) : []));
  return {
    ...rest,
    ...(observed.pushed && { pushed }),
    ...(Object.keys(left).length > 0 && { uncertain: left }),
    ...withFound(unconfirmed, open, now),
  };
};

/** What is shown otherwise now, and what was and was not looked at. */
const openNow = (
  before: Unconfirmed | undefined,
  paths: string[],
  differing: AttributeChange[],
): Pick<Unconfirmed, "expected" | "seen"> => ({
  expected: {
    ...omit(before?.expected ?? {}, "id", ...paths),
    ...Object.fromEntries(differing.map(({ path, to = null }) => [path, to])),
  },
  seen: {
    ...omit(before?.seen ?? {}, "id", ...paths),
    ...Object.fromEntries(differing.map(({ path, from = null }) => [path, fitToKeep(from)])),
  },
});

/** What an attempt has left unconfirmed, and is so still, is tried again as before. */
export const withFound = (
  before: Unconfirmed | undefined,
  { expected, seen }: Pick<Unconfirmed, "expected" | "seen">,
  now: number,
): { unconfirmed?: Unconfirmed } => {
  if (Object.keys(expected).length === 0) return {};
  const isSame =
    before && isDeepStrictEqual(Object.keys(before.expected).sort(), Object.keys(expected).sort());
  if (isSame && isDeepStrictEqual(before.seen, seen)) return { unconfirmed: before };
  const foundAt = before && !before.foundAt ? undefined : new Date(now).toISOString();
  return { unconfirmed: { expected, seen, ...(foundAt && { foundAt }) } };
};

/** The next plan sends all of it, and finds out once more that it is gone. Its names are kept, to look for it by. */
const missing = ({ now }: About, { link: { id, observed } }: User): Compared<UserObserved> => {
  const { remoteId = "", pushed = {}, unconfirmed } = observed;
  const names = Object.entries(pushed).filter(([path]) => path === "userName" || path === "externalId");
  const gone = { expected: { id: remoteId }, seen: { id: null } };
  return {
    findings: [{ kind: "user", userId: id, remoteId, finding: "missing", state: "found" }],
    observed: {
      ...omit(observed, "uncertain", "openingAt", "unconfirmed"),
      pushed: Object.fromEntries(names),
      ...withFound(unconfirmed?.foundAt ? unconfirmed : undefined, gone, now),
    },
  };
};

const toFinding = (
  userId: string,
  remoteId: string,
  { path, from = null, to = null }: AttributeChange,
): SyncItem => {
  const finding = path !== "active" ? "changed" : to === true ? "inactive" : "active";
  return {
    kind: "user",
    userId,
    remoteId,
    finding,
    path,
    expected: to,
    seen: fitToKeep(from),
    state: "found",
  };
};
