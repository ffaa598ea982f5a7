import { isDeepStrictEqual } from "node:util";
import { isOpenForSure } from "../model/account-facts.ts";
import type { RemoteResource } from "../model/attributes.ts";
import { remoteIdAt, type UserObserved } from "../model/link.ts";
import type { NotShown, SyncItem } from "../model/sync.ts";
import { isLeftAsItIs } from "../provisioning/assignments/assignment.ts";
import { noteDue } from "../provisioning/memberships/group-state.ts";
import type { Context, IntegrationContext } from "../provisioning/ports/ports.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { readUserState, type UserState, userState } from "../provisioning/users/user-state.ts";
import { workOfUser } from "../provisioning/users/work-of-user.ts";
import { type Compared, compareUser } from "./compare-user.ts";
import { readPatiently } from "./read-patiently.ts";

/** A look at an account: undefined where a read has said that there is none. */
export type LookAtUser = UserState & { account: RemoteResource | undefined };

const mostLooks = 3;
const nothing: Looked = { findings: [], isThere: false };

/**
 * The account by its id, beside a state that was the same before and after. Undefined where there is none on record, or
 * somebody works on it.
 * @throws ProviderFailure
 */
export const lookAtUser = async (
  context: Context,
  provider: ServiceProvider,
  userId: string,
): Promise<LookAtUser | undefined> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const before = await readUserState(ports, integrationId, userId);
    const remoteId = remoteIdAt(integration, before.link.observed);
    if (before.link.attempt || remoteId === undefined) return undefined;
    const account = await readPatiently(context, before.link.observed, () => provider.readUser(remoteId));
    const now = await readUserState(ports, integrationId, userId);
    if (now.link.rev === before.link.rev && now.saved?.version === before.saved?.version)
      return { ...now, account };
  }
  return undefined;
};

/** `isThere`: the object was read. `notShown`: as of `Compared`. */
export type Looked = { findings: SyncItem[]; isThere: boolean; notShown?: NotShown };

/** What a look finds; what is known by it is on record then. @throws ProviderFailure */
export const verifyUser = async (
  context: Context,
  provider: ServiceProvider,
  userId: string,
  hidden?: ReadonlySet<string>,
): Promise<Looked> => {
  const { ports, integration } = context;
  const about = { integration, profile: ports.profileOf(integration), ...(hidden && { hidden }) };
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const look = await lookAtUser(context, provider, userId);
    if (!look) return nothing;
    const compared = compareUser({ ...about, now: ports.clock.now() }, look, look.account);
    if (await noteSeenUser(context, look, compared.observed)) return toLooked(compared, look.account);
  }
  return nothing;
};

/** What came of a look at what the service provider shows. */
export const toLooked = ({ findings, notShown }: Compared<unknown>, shown: unknown): Looked => ({
  findings,
  isThere: shown !== undefined,
  ...(notShown && { notShown }),
});

/**
 * Keep what was seen, if the link is still at its revision. Its work is marked anew only where it stands otherwise by that:
 * what is to be tried at its time stays so. False where others have written.
 */
export const noteSeenUser = async (
  context: IntegrationContext,
  { saved, link }: Pick<UserState, "saved" | "link">,
  observed: UserObserved,
): Promise<boolean> => {
  if (isDeepStrictEqual(observed, link.observed)) return true;
  const { ports, integration } = context;
  const seen = { saved, link: { ...link, observed } };
  const stateOf = (one: typeof link) => userState(integration, ports.profileOf(integration), one, saved);
  // Whether people are to be told of an account that is left as it is is no matter of its state.
  const isSame =
    link.work?.state === "held" || (!isLeftAsItIs(link, saved) && stateOf(link) === stateOf(seen.link));
  const work = isSame ? undefined : workOfUser(context, seen);
  if (!(await ports.userLinks.note(link, link.rev, observed, work))) return false;
  if (!isOpenForSure(link.observed) && isOpenForSure(observed)) await requeueGroups(context, link);
  return true;
};

/** Members wait for an open account: those whose account is known to be open now are looked at again. */
const requeueGroups = async (
  { ports }: IntegrationContext,
  { integrationId, id, assignment }: UserState["link"],
): Promise<void> => {
  for (const groupId of assignment.groups) {
    const waiting = await ports.pushedMembers.among(integrationId, groupId, [id]);
    if (waiting.get(id)?.presence === "in") continue;
    await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin: [id] });
    await noteDue(ports, integrationId, groupId);
  }
};
