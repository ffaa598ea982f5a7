import { diffAgainstRemote, diffAttributes } from "../../mapping/diff-attributes.ts";
import { remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes, RemoteResource } from "../../model/attributes.ts";
import { Failure } from "../../model/failure.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { failed, failureOf } from "../attempts/provider-failure.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { type Changed, ProviderFailure, type ServiceProvider } from "../ports/service-provider.ts";
import { fitToKeep } from "./fit-to-keep.ts";
import { followAccount } from "./follow-account.ts";
import { owned } from "./owned-account.ts";
import { withUncertain } from "./uncertain-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

/** @throws Failure `provider-rejected` where several accounts match: the first of several is never taken. */
export const onlyMatch = (matches: RemoteResource[], name: string): RemoteResource | undefined => {
  if (matches.length < 2) return matches[0];
  const ids = matches.map(({ id }) => id).join(", ");
  throw new Failure(
    "provider-rejected",
    `${matches.length} resources at the service provider are named ${name} (${ids}). Remove all but one there and repeat the call.`,
  );
};

/** The account that the provider's lookup finds for these attributes, if it is only one. @throws Failure `provider-rejected` for several */
export const findAccount = async (
  provider: ServiceProvider,
  { userName, externalId }: Attributes,
): Promise<RemoteResource | undefined> => {
  const name = String(userName);
  const matches = await provider.findUsers(name, externalId === undefined ? undefined : String(externalId));
  return onlyMatch(matches, name);
};

/** The one that has our externalId under another name: what a 409 means where externalId is unique as well. */
export const findByExternalId = async (
  { provider, ports, integration }: UserContext,
  { externalId }: Attributes,
): Promise<RemoteResource | undefined> => {
  if (externalId === undefined || ports.profileOf(integration).userFilter !== "userName") return undefined;
  const id = String(externalId);
  return onlyMatch(await provider.findUsersByExternalId(id), id);
};

/**
 * Make the account this directory user's own.
 * @throws Failure `account-claimed` where it belongs to another
 */
export const claimAccount = async (
  { ports, integration }: IntegrationContext,
  userId: string,
  remoteId: string,
): Promise<void> => {
  const { integrationId, baseUrl } = integration;
  const { ownerId } = await ports.claims.claim({
    integrationId,
    kind: "user",
    baseUrl,
    remoteId,
    ownerId: userId,
  });
  if (ownerId === userId) return;
  throw new Failure(
    "account-claimed",
    `Account ${remoteId} at the service provider belongs to directory user ${ownerId}; user ${userId} would share it. Give one of them another e-mail.`,
  );
};

/** Paths that this user was given at that account, now or before it was given up: they are ours to clear. */
const onceOurs = (
  { observed: { remoteId, pushed = {}, uncertain = {}, former } }: UserLink,
  accountId: string,
): string[] => [
  ...(remoteId === accountId ? Object.keys({ ...pushed, ...uncertain }) : []),
  ...(former?.remoteId === accountId ? former.paths : []),
];

/** The provider's own spelling of the userName that we gave this account stands for that one. */
const asPushed = (shown: Attributes, accountId: string, { observed }: UserLink): Attributes => {
  const { remoteId, pushed, shownName } = observed;
  const isRespelled = remoteId === accountId && shownName !== undefined && shown.userName === shownName;
  return isRespelled && pushed?.userName !== undefined ? { ...shown, userName: pushed.userName } : shown;
};

/**
 * What an account shows of the attributes that we want or once gave it, and what has to be sent to make it show what
 * we want. What it has beyond these stays. Of a long value that differs the beginning counts as shown.
 */
export const compareAccount = (
  account: RemoteResource,
  next: Attributes,
  link: UserLink,
): { known: Attributes; changes: AttributeChange[] } => {
  const paths = [...Object.keys(next), ...onceOurs(link, account.id)];
  const shown = asPushed(remoteAttributes(account.resource, paths), account.id, link);
  const unwanted = Object.fromEntries(Object.entries(shown).filter(([path]) => !(path in next)));
  const changes = [...diffAgainstRemote(shown, next), ...diffAttributes(unwanted, {})];
  const differing = new Set(changes.map(({ path }) => path));
  const same = Object.entries(next).filter(([path]) => !differing.has(path));
  const other = Object.entries(shown)
    .filter(([path]) => differing.has(path))
    .map(([path, value]) => [path, fitToKeep(value)]);
  const cut = changes.map((change) =>
    change.from === undefined ? change : { ...change, from: fitToKeep(change.from) },
  );
  return { known: Object.fromEntries([...same, ...other]), changes: cut };
};

/** As events tell it. */
export const toEventChanges = (changes: AttributeChange[]) =>
  changes.map(({ path, from, to }) => ({
    field: path,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }));

/** For the event: the provider took the change, and its answer says otherwise. It is not sent again. */
export const unconfirmedNotes = (what: string[]): string[] =>
  what.length === 0
    ? []
    : [
        `Unconfirmed: the service provider accepted the change, and its answer does not show that of ${what.join(", ")}.`,
      ];

/** Make a claimed account show what we want: PATCH of what differs, or nothing. */
export const adoptAccount = async (
  work: UserContext,
  next: Attributes,
  account: RemoteResource,
): Promise<UserOutcome> => {
  const { known, changes } = compareAccount(account, next, work.link);
  const eventType = "user_update_provision";
  const told = toEventChanges(changes);
  await work.mark({ step: "write", eventType, changes: told, next, remoteId: account.id });
  const found = (pushed: Attributes, remoteId = account.id): UserObserved => ({
    ...owned(work, { ...account, id: remoteId }, pushed),
    found: remoteId,
  });
  let done: Changed = { unconfirmed: [] };
  let now = { remoteId: account.id, notes: [] as string[] };
  let answer = work.provider.lastAnswer();
  try {
    if (changes.length > 0) {
      done = await work.provider.patchUser(account.id, changes);
      answer = work.provider.lastAnswer();
      now = await followAccount(work, { remoteId: account.id, next, changes }, done);
    }
  } catch (error) {
    const failure = await failureOf(
      work,
      error,
      `Updating the account ${account.id}, which was found, failed`,
    );
    const isUnknown = error instanceof ProviderFailure && error.maybeApplied;
    const held = found(known);
    const observed = isUnknown ? withUncertain(held, changes) : held;
    return { outcome: failed(failure, eventType, told, work.provider), observed, failure };
  }
  return {
    outcome: {
      success: true,
      eventType,
      changes: told,
      answer,
      notes: [...unconfirmedNotes(done.unconfirmed), ...now.notes],
    },
    observed: found(next, now.remoteId),
    does: "adopted",
  };
};
