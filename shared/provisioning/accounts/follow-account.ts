import { isSameId, isSameName } from "../../common/names.ts";
import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes, RemoteResource } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import { claimRemote } from "../attempts/claim-remote.ts";
import { noteUnauthorized } from "../attempts/provider-failure.ts";
import { leaseMs } from "../attempts/run-attempt.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import type { Changed, ServiceProvider } from "../ports/service-provider.ts";
import { lookUpUsers } from "./find-account.ts";
import { moveAccount } from "./move-account.ts";
import { withUncertain } from "./uncertain-values.ts";
import type { UserContext } from "./user-context.ts";

type Change = { remoteId: string; next: Attributes; changes: AttributeChange[] };

/** `unconfirmed`: the name, where nobody could look under which id the account has it. */
type Followed = { remoteId: string; notes: string[]; unconfirmed?: string[] };

const notLookedUp = "Whether the account has another id with its new name could not be looked up.";

/**
 * The id of an account once it was changed: where ids follow names it has another one after a rename, under which its
 * groups hold it. What the answer shows is followed, or what a read finds where a rename is answered without a
 * resource, if it is the same account by the name that was just sent or by our externalId, and no other user's.
 */
export const followAccount = async (
  work: UserContext,
  { remoteId, next, changes }: Change,
  { shown }: Changed,
): Promise<Followed> => {
  const isRenamed = changes.some(({ path }) => path === "userName");
  const account = shown ?? (isRenamed ? await readRenamed(work, remoteId, next) : undefined);
  if (account === "unknown") return { remoteId, notes: [notLookedUp], unconfirmed: ["userName"] };
  if (!account || isSameId(account.id, remoteId) || !isSame(account, next)) return { remoteId, notes: [] };
  const { ports, integration, link } = work;
  const { ownerId } = await claimRemote(work, "user", link, account.id);
  if (ownerId !== link.id) {
    const note = `The account is shown under the id ${account.id}, which is that of directory user ${ownerId}: it is kept as ${remoteId}.`;
    return { remoteId, notes: [note] };
  }
  // First of all: recovery of this attempt after a kill has to know where the account is.
  await work.mark({ remoteId: account.id });
  const sentSince = ports.clock.now() - 2 * leaseMs;
  await moveAccount(ports, integration, link.id, { from: remoteId, to: account.id, sentSince });
  return { remoteId: account.id, notes: [`The account has the id ${account.id} now, and not ${remoteId}.`] };
};

/** What was known of an account, under the id that it has now. */
export const withRemoteId = (observed: UserObserved, remoteId: string): UserObserved => ({
  ...observed,
  ...(observed.found !== undefined && observed.found === observed.remoteId && { found: remoteId }),
  remoteId,
});

/** Where nobody knows the id that the account has with its new name, it is to be found by either name. */
export const withNameInDoubt = (
  observed: UserObserved,
  changes: AttributeChange[],
  { unconfirmed = [] }: Pick<Followed, "unconfirmed">,
): UserObserved =>
  unconfirmed.length === 0
    ? observed
    : withUncertain(
        observed,
        changes.filter(({ path }) => unconfirmed.includes(path)),
      );

const isSame = ({ resource }: RemoteResource, { userName, externalId }: Attributes): boolean => {
  const isNamed =
    userName !== undefined && isSameName(String(readAttribute(resource, "userName")), String(userName));
  return isNamed || (externalId !== undefined && readAttribute(resource, "externalId") === externalId);
};

/** The renamed account, under its id or else by its name. The change is done, whatever becomes of looking for it. */
const readRenamed = async (
  { ports, integration, provider }: UserContext,
  remoteId: string,
  next: Attributes,
): Promise<RemoteResource | "unknown" | undefined> => {
  try {
    const there = await readOr404(provider, remoteId);
    if (there) return there;
    const matches = await lookUpUsers(provider, next);
    return matches.length === 1 ? matches[0] : undefined;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    await noteUnauthorized({ ports, integration }, error);
    return "unknown";
  }
};

/** An old id may still lead to the account, which then shows another one than was asked for. */
const readOr404 = async (provider: ServiceProvider, remoteId: string) => {
  try {
    return await provider.readUser(remoteId);
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind === "malformed") return undefined;
    throw error;
  }
};
