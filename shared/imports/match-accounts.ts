import { concurrently } from "../common/concurrently.ts";
import { isSameName } from "../common/names.ts";
import { mapPartly } from "../mapping/map-user.ts";
import { asText } from "../mapping/remote-attributes.ts";
import { type SavedUser, userIdSchema } from "../model/directory.ts";
import type { Integration } from "../model/integration.ts";
import { remoteIdAt } from "../model/link.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import type { IntegrationContext, Ports } from "../provisioning/ports/ports.ts";
import { readUserStates, type UserState } from "../provisioning/users/user-state.ts";
import type { Account, Match } from "./account-items.ts";
import { addressesOf } from "./shown-account.ts";
import { usersNamed } from "./user-names.ts";

const lookUpsAtOnce = 16;
/** Enough to tell that there are several. */
const mostOfAddress = 3;

/**
 * Whose these accounts are: who is linked to it, else who matches it by externalId, userName or address, as the directory
 * has them now. Where several match, or the one who does has another account, that is a conflict: nobody guesses. `names`:
 * the scan or import that has noted by which names users may match. One who was given such a name since then, and is known
 * neither by id nor by address, is not found.
 */
export const matchAccounts = async (
  context: IntegrationContext,
  accounts: Account[],
  names: JobKey,
): Promise<Map<string, Match>> => {
  const linked = await linkedUsers(
    context,
    accounts.map(({ remoteId }) => remoteId),
  );
  const others = accounts.filter(({ remoteId }) => !linked.has(remoteId));
  const candidates = await findCandidates(context.ports, others, names);
  const matching = new Map(
    others.map((account) => [
      account.remoteId,
      candidates(account).flatMap((user) =>
        isMatch(context.integration, user, account) ? [user.userId] : [],
      ),
    ]),
  );
  const states = await readUserStates(context.ports, context.integration.integrationId, [
    ...new Set([...matching.values()].flat()),
  ]);
  const hasOther = (userId: string) => hasAccount(context.integration, states.get(userId));
  return new Map(
    accounts.map(({ remoteId }): [string, Match] => {
      const owner = linked.get(remoteId);
      if (owner !== undefined) return [remoteId, { status: "linked", userIds: [owner] }];
      const userIds = matching.get(remoteId) ?? [];
      if (userIds.length === 0) return [remoteId, { status: "new", userIds }];
      const isConflict = userIds.length > 1 || userIds.some(hasOther);
      return [remoteId, { status: isConflict ? "conflict" : "matched", userIds }];
    }),
  );
};

/** The directory users of these accounts, by account. One who left the directory holds nothing. */
export const linkedUsers = async (
  { ports, integration: { integrationId, baseUrl } }: IntegrationContext,
  remoteIds: string[],
): Promise<Map<string, string>> => {
  if (remoteIds.length === 0) return new Map();
  const owners = await ports.claims.ownersOf({ integrationId, kind: "user", baseUrl }, remoteIds);
  const states = await readUserStates(ports, integrationId, [...new Set(owners.values())]);
  const isLinked = (remoteId: string, { saved, link }: UserState) =>
    saved !== undefined &&
    !saved.deleted &&
    (remoteIdAt({ baseUrl }, link.observed) === remoteId || link.attempt?.remoteId === remoteId);
  return new Map(
    [...owners].filter(([remoteId, userId]) => {
      const state = states.get(userId);
      return state !== undefined && isLinked(remoteId, state);
    }),
  );
};

const hasAccount = ({ baseUrl }: Integration, state: UserState | undefined): boolean =>
  state !== undefined && remoteIdAt({ baseUrl }, state.link.observed) !== undefined;

/** Who may match an account; a superset. */
const findCandidates = async (
  ports: Ports,
  accounts: Account[],
  names: JobKey,
): Promise<(account: Account) => SavedUser[]> => {
  const named = await usersNamed(ports, names, accounts);
  const idsOf = (account: Account) => [...idsIn(account), ...named(account)];
  const ids = new Set(accounts.flatMap(idsOf));
  const addresses = new Set(accounts.flatMap(({ shown }) => addressesOf(shown)));
  const byId = ids.size === 0 ? new Map<string, SavedUser>() : await ports.users.readMany([...ids]);
  const found = await concurrently([...addresses], lookUpsAtOnce, async (email) => {
    const { items } = await ports.users.list({ email, limit: mostOfAddress });
    return [email, items] as const;
  });
  const byAddress = new Map(found);
  return (account) => {
    const known = idsOf(account).flatMap((id) => byId.get(id) ?? []);
    const addressed = addressesOf(account.shown).flatMap((address) => byAddress.get(address) ?? []);
    return [...new Map([...known, ...addressed].map((user) => [user.userId, user])).values()];
  };
};

const idsIn = ({ shown }: Account): string[] =>
  [asText(shown.externalId), asText(shown.userName)].filter((name) => userIdSchema.safeParse(name).success);

/** Whether the user is the person of the account by a name, an id or an address that both have now. */
const isMatch = (
  { attributeMappings }: Integration,
  { user, userId }: SavedUser,
  { shown }: Account,
): boolean => {
  const addresses = addressesOf(shown);
  const names = [asText(shown.userName), ...addresses].filter((name) => name !== "");
  const isNamed = (name: string) => names.some((one) => isSameName(one, name));
  const isAddressed = user.email !== undefined && addresses.includes(user.email.toLowerCase());
  if (isAddressed || isNamed(user.username ?? "")) return true;
  const { attributes } = mapPartly({ user, userId, managerRemoteId: undefined }, attributeMappings);
  const externalId = asText(shown.externalId);
  return (externalId !== "" && externalId === attributes.externalId) || isNamed(asText(attributes.userName));
};
