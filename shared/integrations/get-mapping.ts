import { mappingRows } from "../mapping/mapping-rows.ts";
import { Failure } from "../model/failure.ts";
import { remoteIdAt } from "../model/link.ts";
import type { MappingView } from "../model/views.ts";
import { existingIntegration, requireIntegration } from "../provisioning/attempts/require-integration.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/**
 * The rows of an integration's mapping, defaults and its own; of `userId` with the value that each gives, as the service
 * provider would be sent it.
 * @throws Failure `not-found` where the integration or the user is unknown
 */
export const getMapping = async (
  ports: Ports,
  integrationId: string,
  userId?: string,
): Promise<MappingView> => {
  if (userId === undefined) {
    const integration = await requireIntegration(ports, integrationId);
    return { rows: mappingRows(integration.attributeMappings, ports.profileOf(integration)) };
  }
  const { row, saved } = await ports.reads.user(integrationId, userId);
  const integration = existingIntegration(row, integrationId);
  if (!saved || saved.deleted) throw new Failure("not-found", `The directory has no user ${userId}.`);
  const { manager } = saved.user;
  const link = manager && (await ports.userLinks.read({ integrationId, id: manager }));
  const managerRemoteId = link ? remoteIdAt(integration, link.observed) : undefined;
  const user = saved.lock ? { ...saved.user, suspended: true } : saved.user;
  const subject = { user, userId, managerRemoteId };
  return { rows: mappingRows(integration.attributeMappings, ports.profileOf(integration), subject) };
};
