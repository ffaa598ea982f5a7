import { publicIntegration } from "../../integrations/public-integration.ts";
import type { PublicIntegration } from "../../model/integration.ts";
import { requireIntegration } from "../attempts/require-integration.ts";
import { type OverviewPorts, provisioningOf } from "./provisioning-of.ts";

/** An integration as callers see it, and how it stands; a deleted one too. @throws Failure `not-found` */
export const showIntegration = async (
  overview: OverviewPorts,
  integrationId: string,
): Promise<PublicIntegration> => {
  const { ports } = overview;
  const integration = await requireIntegration(ports, integrationId);
  const shown = publicIntegration(integration, ports.clock.now());
  if (shown.status === "deleted") return shown;
  return { ...shown, provisioning: await provisioningOf(overview, integration) };
};
