import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { IntegrationRow } from "../ports/integration-store.ts";
import type { Ports } from "../ports/ports.ts";

/**
 * The integration, if provisioning calls may use it. Whether anything is sent is another question: see `isSendable`.
 * @throws Failure `not-found`, `integration-not-active`
 */
export const requireActive = async (ports: Ports, integrationId: string): Promise<Integration> =>
  activeIntegration(await ports.integrations.read(integrationId), integrationId);

/** The same of a row that was read. */
export const activeIntegration = (row: IntegrationRow | undefined, integrationId: string): Integration => {
  const integration = existingIntegration(row, integrationId);
  if (integration.status === "deleted")
    throw new Failure("integration-not-active", `Integration ${integrationId} is deleted.`);
  return integration;
};

/** The integration unless it is deleted. */
export const presentIntegration = async (
  ports: Ports,
  integrationId: string,
): Promise<Integration | undefined> => {
  const integration = (await ports.integrations.read(integrationId))?.integration;
  return integration?.status === "deleted" ? undefined : integration;
};

/** The integration in whatever status. @throws Failure `not-found` */
export const requireIntegration = async (ports: Ports, integrationId: string): Promise<Integration> =>
  existingIntegration(await ports.integrations.read(integrationId), integrationId);

/** The same of a row that was read. */
export const existingIntegration = (row: IntegrationRow | undefined, integrationId: string): Integration => {
  if (!row?.integration) throw new Failure("not-found", `There is no integration ${integrationId}.`);
  return row.integration;
};
