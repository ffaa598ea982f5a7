import { releaseRemote } from "../provisioning/attempts/claim-remote.ts";
import { provisionWithinGuard } from "../provisioning/automatic/carry-out.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { withoutMissing } from "../provisioning/users/after-deletion.ts";
import { isInGrace } from "../provisioning/users/grace.ts";
import { readUserState } from "../provisioning/users/user-state.ts";
import { workOfUser } from "../provisioning/users/work-of-user.ts";
import { compareUser } from "./compare-user.ts";
import { type LookAtUser, lookAtUser, noteSeenUser } from "./look-at-user.ts";
import { reading } from "./open-reader.ts";

/**
 * Look at the account, keep what is seen, and send what is wanted, as far as the guard lets it.
 * @returns whether it was wanted by now: an account is kept for a grace
 * @throws Failure as a call for the user
 */
export const repairUser = async (
  context: Context,
  provider: ServiceProvider,
  userId: string,
): Promise<boolean> => {
  const { ports, integration } = context;
  await reading(context, `Reading the account of user ${userId} failed`, () =>
    lookAndKeep(context, provider, userId),
  );
  const state = await readUserState(ports, integration.integrationId, userId);
  if (isInGrace(state, ports.clock.now())) return false;
  await provisionWithinGuard(context, state);
  return true;
};

/** Look at the account, and keep what is seen; one that is gone is forgotten. @throws ProviderFailure */
export const lookAndKeep = async (
  context: Context,
  provider: ServiceProvider,
  userId: string,
): Promise<void> => {
  const look = await lookAtUser(context, provider, userId);
  if (look) await keep(context, provider, look);
};

/** Where others have written meanwhile, the plan goes on from what they know. */
const keep = async (context: Context, provider: ServiceProvider, look: LookAtUser): Promise<void> => {
  const { ports, integration } = context;
  const { saved, link, account } = look;
  const about = { integration, profile: ports.profileOf(integration), now: ports.clock.now() };
  const { findings, observed } = compareUser(about, look, account);
  const isGone = findings.some(({ finding }) => finding === "missing");
  if (!isGone) return void (await noteSeenUser(context, look, observed));
  const forgotten = await withoutMissing(context, provider, link, String(link.observed.remoteId));
  await releaseRemote(ports, "user", link);
  const work = workOfUser(context, { saved, link: { ...link, observed: forgotten } });
  await ports.userLinks.note(link, link.rev, forgotten, work);
};
