import { concurrently } from "../../common/concurrently.ts";
import { statusOf } from "../../model/integration.ts";
import type { Overview } from "../../model/overview.ts";
import { listAttention } from "./list-attention.ts";
import { type OverviewPorts, provisioningOf } from "./provisioning-of.ts";

const worst = 50;

/** How every integration stands that is not deleted, by age, and the worst of what needs a person. */
export const getOverview = async (overview: OverviewPorts): Promise<Overview> => {
  const { ports } = overview;
  const [rows, attention] = await Promise.all([
    ports.integrations.all(),
    listAttention(ports, { limit: worst }),
  ]);
  const present = rows
    .flatMap(({ integration }) => (integration ? [integration] : []))
    .filter(({ status }) => status !== "deleted");
  const integrations = await concurrently(present, 4, async (integration) => {
    const { integrationId, application } = integration;
    const status = statusOf(integration);
    return { integrationId, application, status, provisioning: await provisioningOf(overview, integration) };
  });
  return { integrations, attention: attention.items };
};
