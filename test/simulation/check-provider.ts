import { diffAgainstRemote } from "../../shared/mapping/diff-attributes.ts";
import { fitAttributes } from "../../shared/mapping/fit-attributes.ts";
import { mapUser } from "../../shared/mapping/map-user.ts";
import { remoteAttributes } from "../../shared/mapping/remote-attributes.ts";
import type { Attributes } from "../../shared/model/attributes.ts";
import type { JsonObject } from "../../shared/model/json.ts";
import type { UserLink } from "../../shared/model/link.ts";
import { getUserStatus } from "../../shared/provisioning/status/user-status.ts";
import type { RemoteUser } from "../providers/provider.ts";
import { isKept } from "./check-holds.ts";
import { isHeld, isLetIn, type Model } from "./model.ts";
import { seededNames } from "./seed.ts";
import type { World } from "./world.ts";

/** Paths that steps set and clear again. */
const clearable = ["title", "name.middleName", "phoneNumbers"];

/** What is wrong with the accounts at the provider, once all is reconciled. */
export const checkUsers = async (world: World, model: Model): Promise<string[]> => {
  const accounts = await world.provider.inner.users();
  const problems = duplicatesIn(world, accounts);
  for (const at of model.users.keys()) {
    const found = await checkUser(world, model, accounts, at);
    problems.push(...found.map((problem) => `user ${at}: ${problem}`));
  }
  return problems;
};

/**
 * Two of one name, unless one was there before and the other was renamed to it, or each is the account of another user
 * of that name: where the provider takes that.
 */
export const duplicatesOf = (
  { ledger, memory }: World,
  collection: "Users" | "Groups",
  named: { id: string; name: string; isFound: boolean }[],
): string[] => {
  const posts = ledger.filter(({ method, path }) => method === "POST" && path === `/${collection}`);
  const isPosted = (name: string) => posts.some(({ body }) => body.toLowerCase().includes(name));
  const linked = new Set([...memory.userLinks.values()].map(({ observed }) => observed.remoteId));
  const isDouble = (name: string) => {
    const same = named.filter((one) => one.name === name);
    if (same.length < 2 || same.every(({ id }) => linked.has(id))) return false;
    return isPosted(name) || same.filter(({ isFound }) => !isFound).length > 1;
  };
  return [...new Set(named.map(({ name }) => name))]
    .filter(isDouble)
    .map((name) => `two ${collection} named ${name}`);
};

const duplicatesIn = (world: World, accounts: RemoteUser[]): string[] => {
  const names = accounts.map(({ id, userName }) => ({
    id,
    name: userName.toLowerCase(),
    isFound: world.foundIds.has(id),
  }));
  const isSeen = ({ active }: RemoteUser) => active || !world.target.concessions.deletedAreHidden;
  const externalIds = accounts
    .filter(isSeen)
    .flatMap(({ resource }) => (typeof resource.externalId === "string" ? [resource.externalId] : []));
  return [
    ...duplicatesOf(world, "Users", names),
    ...externalIds
      .filter((one, at) => externalIds.indexOf(one) !== at)
      .map((one) => `two accounts of externalId ${one}`),
  ];
};

const checkUser = async (
  world: World,
  model: Model,
  accounts: RemoteUser[],
  at: number,
): Promise<string[]> => {
  const { look, integrationId, userId } = world;
  const user = model.users[at];
  const link = await look.userLinks.read({ integrationId, id: userId(at) });
  if (!user || !link) return isHeld(model, at) ? ["was never linked"] : [];
  if (link.attempt) return [`an attempt is left open: ${JSON.stringify(link.attempt.intent)}`];
  const account = accounts.find(({ id }) => id === link.observed.remoteId);
  const isMade = ({ id, resource }: RemoteUser) =>
    resource.externalId === userId(at) && !world.foundIds.has(id);
  const own = account ?? accounts.find(isMade);
  const status = await getUserStatus(look, integrationId, userId(at));
  if (await isToStay(world, link, status.state)) return [];
  if (isHeld(model, at) && user.body) {
    if (!isLetIn(user))
      return own?.active ? [`is shut out, yet the account is active (${status.state})`] : [];
    // Some providers tell a conflict by a 500, after which it is tried again and again.
    const isRetried = status.state === "retrying" && status.lastError?.status === 500;
    if (isRetried && (await isTaken(world, model, user.body.email, accounts, own))) return [];
    if (status.state === "failed")
      return isShared(model, at) || (await isTaken(world, model, user.body.email, accounts, own))
        ? []
        : [`failed: ${JSON.stringify(status.lastError)}`];
    if (!account) return [`has no account (${status.state})`];
    const wrong = await wrongIn(world, model, at, account);
    const isExcused = world.target.concessions.clearsMayStay === true && status.state === "unconfirmed";
    return [
      ...wrong,
      ...(status.state === "in_sync" || isExcused
        ? []
        : [`is ${status.state}: ${JSON.stringify(status.lastError)}`]),
    ];
  }
  const { onUserDeleted, onUserUnassigned } = model.policies;
  const notTakenOut = link.assignment.left ? onUserDeleted : onUserUnassigned;
  const removal = user.excluded ? user.removal : notTakenOut;
  if (link.assignment.removal !== removal && link.assignment.removal !== undefined)
    return [`is to be taken away by ${removal}, and the link says ${link.assignment.removal}`];
  if (!removal || removal === "none" || !own) return [];
  if (own.active) return [`is out of scope (${removal}), yet the account is active (${status.state})`];
  // Who has come back keeps an account that was not deleted by then, closed.
  const isBack = link.assignment.left === true && user.body !== undefined;
  return removal === "delete" && !isBack && !deletesByDeactivating(world) && link.observed.remoteId
    ? [`was to be deleted, and is still there (${status.state})`]
    : [];
};

/** The guard keeps the account, and that is told; or the user in a group that holds them, where that is told of the group. */
const isToStay = async (world: World, { id, assignment }: UserLink, state: string): Promise<boolean> => {
  if (state === "held") return isKept(world, { userId: id });
  const kept = assignment.groups.map((groupId) => isKept(world, { userId: id, groupId }));
  return (await Promise.all(kept)).includes(true);
};

const deletesByDeactivating = ({ target }: World): boolean => target.concessions.deleteDeactivates === true;

/** Two who have, or had, the same e-mail: only one of them can have the account. */
const isShared = (model: Model, at: number): boolean => {
  const { sharedEmails } = model;
  return sharedEmails.includes(model.users[at]?.body?.email ?? "");
};

/**
 * Somebody else's account has the name: a conflict that only a person can solve. Who has no account yet takes one that
 * is nobody's.
 */
const isTaken = async (
  { look, integrationId, userId, email: emailOf }: World,
  model: Model,
  email: string,
  accounts: RemoteUser[],
  own: RemoteUser | undefined,
): Promise<boolean> => {
  const isEmail = (name: string) => name.toLowerCase() === email.toLowerCase();
  // Some show nobody an account that was there before until somebody is made under its name, and it has the name all the same.
  const isUnseen =
    seededNames.map(emailOf).some(isEmail) && !accounts.some(({ userName }) => isEmail(userName));
  if (isUnseen && own) return true;
  const links = await Promise.all(
    model.users.map((_, at) => look.userLinks.read({ integrationId, id: userId(at) })),
  );
  const linked = links.map((link) => link?.observed.remoteId);
  return accounts.some(
    ({ id, userName }) => id !== own?.id && isEmail(userName) && (own !== undefined || linked.includes(id)),
  );
};

const wrongIn = async (world: World, model: Model, at: number, account: RemoteUser): Promise<string[]> => {
  const { look, integrationId, userId, target } = world;
  const body = model.users[at]?.body;
  if (!body) return [];
  const integration = (await look.integrations.read(integrationId))?.integration;
  const manager = body.manager && (await look.userLinks.read({ integrationId, id: body.manager }));
  const managerRemoteId = manager ? manager.observed.remoteId : undefined;
  const mapped = mapUser(body, userId(at), integration?.attributeMappings ?? [], {
    ...(managerRemoteId && { managerRemoteId }),
  });
  const all: Attributes = "attributes" in mapped ? mapped.attributes : {};
  const fitted = integration && fitAttributes(all, look.profileOf(integration));
  const wanted = fitted && "attributes" in fitted ? fitted.attributes : all;
  const resource = account.resource as JsonObject;
  const differing = diffAgainstRemote(remoteAttributes(resource, Object.keys(wanted)), wanted);
  const staying = target.concessions.clearsMayStay
    ? []
    : Object.entries(
        remoteAttributes(
          resource,
          clearable.filter((path) => !(path in wanted)),
        ),
      ).flatMap(([path, value]) => (isEmpty(value) ? [] : [path]));
  return [
    ...(account.active ? [] : ["the account is inactive"]),
    ...differing.map(
      ({ path, from, to }) => `${path} is ${JSON.stringify(from)} and not ${JSON.stringify(to)}`,
    ),
    ...staying.map((path) => `${path} was cleared, and is still there`),
  ];
};

/** Cleared by an empty value, where a remove is refused. */
const isEmpty = (value: unknown): boolean => value === "" || (Array.isArray(value) && value.length === 0);
