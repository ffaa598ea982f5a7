import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import type { Change } from "../../model/event.ts";
import type { Failure } from "../../model/failure.ts";
import type { UserLink } from "../../model/link.ts";
import { findAccepted, refuseWhileAccepted, withAccepted } from "../attempts/accepted-creation.ts";
import { withCreated } from "../attempts/fresh-creation.ts";
import {
  asProviderFailure,
  failed,
  failureOf,
  isUnauthorized,
  isVerdict,
} from "../attempts/provider-failure.ts";
import { hidingKinds, mayRetryCreation } from "../attempts/retry-creation.ts";
import { spellingNotes, spellingOf } from "../attempts/shown-name.ts";
import { ProviderFailure } from "../ports/service-provider.ts";
import {
  adoptAccount,
  claimAccount,
  compareAccount,
  findAccount,
  findByExternalId,
} from "./adopt-account.ts";
import { accountNames } from "./locate-account.ts";
import { owned } from "./owned-account.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

const eventType = "user_create_provision";

/**
 * POST, and after every answer that leaves a doubt (a lost reply, a 5xx, a 409, a refusal that may hide a duplicate)
 * a lookup, since only that can tell whether the account is there. After a 202 several, and no second POST for a while;
 * after a 429 none, since the client has repeated it already.
 */
export const createAccount = async (work: UserContext, next: Attributes): Promise<UserOutcome> => {
  const changes = Object.entries(next).map(([field, to]): Change => ({ field, to }));
  await work.mark({ step: "write", eventType, changes, next });
  let isUncertain = false;
  const doubt = (isAccepted = false) => ({
    ...(isAccepted ? withAccepted(work.link.observed, work.ports.clock.now()) : work.link.observed),
    ...(isUncertain && { uncertainCreation: accountNames(next) }),
  });
  for (let posts = 1; ; posts += 1) {
    const answer = await post(work, next);
    if (!(answer instanceof ProviderFailure))
      return claimCreated(work, answer.id, created(work, changes, ...showing(work, answer, next)), doubt());
    const error = answer;
    const failure = await failureOf(work, error, `Creating the account ${String(next.userName)} failed`);
    isUncertain ||= error.maybeApplied;
    const isAccepted = error.kind === "accepted";
    const notCreated = notCreatedBy(work, changes, failure, doubt(isAccepted));
    if (!hidingKinds.has(error.kind)) return notCreated;
    const found = await lookUpAfter(work, next, changes, error, notCreated);
    if (found) return found;
    if (!(await mayRetryCreation(work.ports, error, posts, work.sendUntil))) return notCreated;
  }
};

const post = async (
  { ports, provider, link }: UserContext,
  next: Attributes,
): Promise<RemoteResource | ProviderFailure> => {
  try {
    refuseWhileAccepted(link.observed, ports.clock.now());
    return await provider.createUser(next);
  } catch (error) {
    return asProviderFailure(error);
  }
};

/** The account is there, whatever fails from here on, and ours unless it is another user's. */
const claimCreated = async (
  work: UserContext,
  remoteId: string,
  worked: UserOutcome,
  otherwise: UserOutcome["observed"],
): Promise<UserOutcome> => {
  const failure = await whyNotOurs(work, remoteId, worked);
  return failure ? notCreatedBy(work, worked.outcome.changes, failure, otherwise) : worked;
};

/** Claims the account. `known` is what is recorded where the store does not let us. */
const whyNotOurs = async (
  work: UserContext,
  remoteId: string,
  known: UserOutcome,
): Promise<Failure | undefined> => {
  work.note(known);
  try {
    await claimAccount(work, work.link.id, remoteId);
    return undefined;
  } catch (error) {
    return await failureOf(work, error, `Claiming the account ${remoteId} failed`);
  }
};

const created = (
  work: UserContext,
  changes: Change[],
  observed: UserOutcome["observed"],
  notes: string[] = [],
): UserOutcome => ({
  outcome: { success: true, eventType, changes, answer: work.provider.lastAnswer(), notes },
  observed: withCreated(observed, work.ports.clock.now()),
  does: "created",
});

/** 200 where 201 is due, or an id that was given up: what the account shows of its own is put right by an update. */
const showing = (
  work: UserContext,
  account: RemoteResource,
  next: Attributes,
): [UserOutcome["observed"], string[]] => {
  const isFormer = work.link.observed.former?.remoteId === account.id;
  if (work.provider.lastAnswer().status !== 200 && !isFormer) {
    const spelling = spellingOf(account, "userName", next.userName);
    return [{ ...owned(work, account, next), ...spelling }, spellingNotes(spelling)];
  }
  const shown = compareAccount(account, next, work.link).changes.flatMap(({ path, from }) =>
    from === undefined ? [] : [[path, from]],
  );
  const note = isFormer
    ? "The provider answered with the id of the account that this user had before."
    : "The provider answered 200 and not 201: the account may have been there before.";
  return [owned(work, account, { ...next, ...Object.fromEntries(shown) }), [note]];
};

const notCreatedBy = (
  { provider }: UserContext,
  changes: Change[],
  failure: Failure,
  observed: UserOutcome["observed"],
): UserOutcome => ({ outcome: failed(failure, eventType, changes, provider), observed, failure });

/** Not there before, and a creation was sent: ours by our externalId, or by showing all that was sent. Some answer 500 to a duplicate. */
const looksLikeOurs = (account: RemoteResource, next: Attributes, link: UserLink): boolean => {
  const externalId = readAttribute(account.resource, "externalId");
  if (externalId !== undefined) return externalId === next.externalId;
  return compareAccount(account, next, link).changes.length === 0;
};

/** What a lookup makes of the doubt: the account that was created or is to be adopted, a failure, or nothing. */
const lookUpAfter = async (
  work: UserContext,
  next: Attributes,
  changes: Change[],
  error: ProviderFailure,
  notCreated: UserOutcome,
): Promise<UserOutcome | undefined> => {
  const isAccepted = error.kind === "accepted";
  let account: RemoteResource | undefined;
  try {
    const find = () => findAccount(work.provider, next);
    account = await (isAccepted ? findAccepted(work.ports.clock, work.sendUntil, find) : find());
    if (!account && error.kind === "conflict") account = await findByExternalId(work, next);
  } catch (lookupError) {
    const failure = await failureOf(
      work,
      lookupError,
      "Looking the account up after a failed creation failed",
    );
    return isVerdict(lookupError) || isUnauthorized(failure)
      ? notCreatedBy(work, changes, failure, notCreated.observed)
      : notCreated;
  }
  if (!account) return undefined;
  if (!error.maybeApplied || !looksLikeOurs(account, next, work.link)) {
    const failure = await whyNotOurs(work, account.id, notCreated);
    return failure
      ? notCreatedBy(work, changes, failure, notCreated.observed)
      : adoptAccount(work, next, account);
  }
  const { known } = compareAccount(account, next, work.link);
  const note = isAccepted
    ? "The provider accepted the creation and carried it out later; a lookup found the account."
    : "The provider's reply to the creation was lost or unreadable; a lookup found the account.";
  const worked = created(work, changes, owned(work, account, known), [note]);
  return claimCreated(work, account.id, worked, notCreated.observed);
};
