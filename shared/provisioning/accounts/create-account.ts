import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import type { Failure } from "../../model/failure.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { createOnce, foundAfterNote, withFailedCreation } from "../attempts/create-once.ts";
import { withCreated } from "../attempts/fresh-creation.ts";
import { deletedSince } from "../attempts/outlive-deletion.ts";
import { failedOutcome, noteFailure, toFailure } from "../attempts/provider-failure.ts";
import { spellingNotes, spellingOf } from "../attempts/shown-name.ts";
import type { ProviderFailure } from "../ports/provider-failure.ts";
import type { CreatedResource } from "../ports/service-provider.ts";
import { accountNames } from "./account-names.ts";
import { adoptAccount } from "./adopt-account.ts";
import { claimAccount, heldByNotes } from "./claim-account.ts";
import { compareAccount, toEventChanges } from "./compare-account.ts";
import { findByExternalId, findInDoubt, findInList, findSpelled } from "./find-account.ts";
import { ownedAccount } from "./owned-account.ts";
import { withUncertainCreation } from "./uncertain-creation.ts";
import { withPossible, withUncertain } from "./uncertain-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

/** Create the account, or adopt one that was there before and that the provider has shown only now. */
export const createAccount = async (
  work: UserContext,
  next: Attributes,
  spelled: Attributes,
): Promise<UserOutcome> => {
  const { ports, provider, link } = work;
  const about = {
    eventType: "user_create_provision" as const,
    changes: toEventChanges(Object.entries(next).map(([path, to]) => ({ path, to }))),
  };
  await work.mark({ step: "write", ...about, next });
  const what = `Creating the account ${String(next.userName)} failed`;
  let { observed } = link;
  const notCreated = (failure: Failure): UserOutcome => ({
    outcome: failedOutcome(failure, about, provider),
    observed,
    failure,
  });
  const create = () =>
    createOnce(
      { ...work, observed },
      {
        post: () => provider.createUser(next),
        find: (failure) => findHidden(work, { next, spelled }, failure),
        onFailure: (failure) => {
          const failed = withFailedCreation(observed, failure, accountNames(next), ports.clock.now());
          observed = failure.maybeApplied ? withUncertainCreation(failed, next) : failed;
        },
      },
    );

  let found: RemoteResource;
  let owned: UserContext;
  try {
    const { resource: account, after } = await create();
    const isOurs = !after || (after.maybeApplied && looksLikeOurs(account, next, link));
    const created = (by: UserContext): UserOutcome => {
      const [known, notes] = after ? foundAgain(by, account, next, after) : showing(by, account, next);
      return {
        outcome: { success: true, ...about, answer: provider.lastAnswer(), notes },
        // An account that is shown as not active may be opened yet, by what was sent.
        observed: withCreated(withPossible(known, activeOf(next)), ports.clock.now()),
        does: "created",
      };
    };
    // The account is there, whatever fails from here on, and ours unless it is another user's.
    work.note(isOurs ? created(work) : notCreated(toFailure(after, what)));
    owned = { ...work, link: await claimAccount(work, account.id) };
    if (isOurs) return created(owned);
    found = account;
  } catch (error) {
    return notCreated(await noteFailure(work, error, what));
  }
  const adopted = await adoptAccount(owned, next, found);
  return adopted ?? notCreated(await noteFailure(work, deletedSince("account", found.id), what));
};

/**
 * A 409 may be for an externalId that is taken, under another name, or for what the filters do not find; nor need they
 * find what a creation that is in doubt has made.
 */
const findHidden = async (
  work: UserContext,
  { next, spelled }: { next: Attributes; spelled: Attributes },
  { kind, maybeApplied }: ProviderFailure,
): Promise<RemoteResource | undefined> => {
  const found = await findSpelled(work, next, spelled);
  if (found || kind === "accepted") return found;
  if (kind !== "conflict") return maybeApplied ? findInDoubt(work, next) : undefined;
  return (await findByExternalId(work, next)) ?? (await findInList(work, next));
};

const activeOf = ({ active }: Attributes) => (active === true ? [{ path: "active", to: active }] : []);

const foundAgain = (
  work: UserContext,
  account: RemoteResource,
  next: Attributes,
  after: ProviderFailure,
): [UserObserved, string[]] => {
  const { known } = compareAccount(account, next, work.link);
  return [ownedAccount(work, account, known), [foundAfterNote("account", after), ...heldByNotes(work.link)]];
};

const shownShut = "Unconfirmed: the service provider created the account and shows it as not active.";

/** 200 where 201 is due, or an id that was given up: what the account shows of its own is put right by an update. */
const showing = (work: UserContext, account: CreatedResource, next: Attributes): [UserObserved, string[]] => {
  const isFormer = work.link.observed.former?.remoteId === account.id;
  if (work.provider.lastAnswer().status !== 200 && !isFormer) {
    const spelling = spellingOf(account, "userName", next.userName);
    const isShut = next.active === true && readAttribute(account.resource, "active") === false;
    // No seat may be free, or an admin has to approve: the next plan of the call opens it.
    const owned = ownedAccount(work, account, isShut ? { ...next, active: false } : next);
    // Nothing was read: it may be shut, and is opened just so.
    const known = account.isUnread ? withUncertain(owned, activeOf(next)) : owned;
    return [{ ...known, ...spelling }, [...(isShut ? [shownShut] : []), ...spellingNotes(spelling)]];
  }
  const shown = compareAccount(account, next, work.link).changes.flatMap(({ path, from }) =>
    from === undefined ? [] : [[path, from]],
  );
  const heldBy = heldByNotes(work.link);
  const note = isFormer
    ? "The provider answered with the id of the account that this user had before."
    : "The provider answered 200 and not 201: the account may have been there before.";
  const notes = heldBy.length > 0 ? heldBy : [note];
  return [ownedAccount(work, account, { ...next, ...Object.fromEntries(shown) }), notes];
};

/**
 * Not there before, and a creation was sent: ours by our externalId, or by showing all that was sent. Some answer 500 to
 * a duplicate.
 */
const looksLikeOurs = (account: RemoteResource, next: Attributes, link: UserLink): boolean => {
  const externalId = readAttribute(account.resource, "externalId");
  if (externalId !== undefined) return externalId === next.externalId;
  return compareAccount(account, next, link).changes.length === 0;
};
