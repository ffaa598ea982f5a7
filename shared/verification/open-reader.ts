import { omit } from "../common/objects.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import { requireSendable } from "../provisioning/attempts/is-sendable.ts";
import { openProvider } from "../provisioning/attempts/open-provider.ts";
import { noteUnauthorized, toFailure } from "../provisioning/attempts/provider-failure.ts";
import type { Context, IntegrationContext, Ports } from "../provisioning/ports/ports.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";

/** A pause keeps everything from being written, and nothing from being read. */
export const asReadable = (integration: Integration): Integration => omit(integration, "pausedAt");

/**
 * Whether the integration may be verified, and repaired where that is asked for.
 * @throws Failure `acknowledgement-needed` where reading marks accounts as managed, and that is not known to be meant;
 * `integration-not-active`, `integration-needs-reauth`
 */
export const requireVerifiable = (
  { profileOf }: Pick<Ports, "profileOf">,
  integration: Integration,
  { repair, acknowledgeManaged }: { repair?: boolean | undefined; acknowledgeManaged?: boolean | undefined },
): void => {
  requireSendable(repair ? integration : asReadable(integration), {});
  if (!profileOf(integration).readsMarkManaged || acknowledgeManaged) return;
  throw new Failure(
    "acknowledgement-needed",
    `Reading marks every account that is read at the service provider of integration ${integration.integrationId} as managed from outside. Repeat the call with acknowledgeManaged: true where that is meant.`,
  );
};

/** The service provider, to be read alone. */
export const openReader = ({ ports, integration, call }: Context): Promise<ServiceProvider> =>
  openProvider({ ports, integration: asReadable(integration), call }, call);

/** @throws Failure in place of the provider's, once a 401 is on record */
export const reading = async <T>(
  context: IntegrationContext,
  what: string,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    await noteUnauthorized(context, error);
    throw toFailure(error, what);
  }
};
