import type { RemoteResource } from "../model/attributes.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import type { UserState } from "../provisioning/users/user-state.ts";
import { compareUser } from "./compare-user.ts";
import { type Looked, noteSeenUser, toLooked, verifyUser } from "./look-at-user.ts";

/** An account as a list has shown it. `isTouched`: it may have been written to since. */
export type ListedUser = Pick<UserState, "saved" | "link"> & {
  account: RemoteResource;
  isTouched: boolean;
  hidden: ReadonlySet<string>;
};

/**
 * What is found by a list. Before it counts, one that may have been written to since is read by its id.
 * @throws ProviderFailure
 */
export const verifyListedUser = async (
  context: Context,
  provider: ServiceProvider,
  { isTouched, hidden, account, ...user }: ListedUser,
): Promise<Looked> => {
  const { ports, integration } = context;
  const about = { integration, profile: ports.profileOf(integration), now: ports.clock.now(), hidden };
  const compared = compareUser(about, user, account);
  // What is in doubt, and shown as wanted by an old page, is left in doubt.
  const isLeft = isTouched && compared.findings.length === 0;
  const isKept = isLeft || (!isTouched && (await noteSeenUser(context, user, compared.observed)));
  return isKept ? toLooked(compared, account) : verifyUser(context, provider, user.link.id, hidden);
};
