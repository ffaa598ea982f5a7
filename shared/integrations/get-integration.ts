import { decodeCursor, encodeCursor, type Page, type PageOf, pageOf } from "../common/cursor.ts";
import { fillPage } from "../common/fill-page.ts";
import {
  type Integration,
  type IntegrationStatus,
  type PublicIntegration,
  statusOf,
} from "../model/integration.ts";
import type { Overrides } from "../model/overrides.ts";
import type { Profile } from "../model/profile.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { publicIntegration } from "./public-integration.ts";

/** The profile in effect once these overrides are. Undefined where there is no such integration. */
export const profileWith = async (
  ports: Ports,
  integrationId: string,
  overrides: Overrides | undefined,
): Promise<Profile | undefined> => {
  const integration = (await ports.integrations.read(integrationId))?.integration;
  return integration && ports.profileOf({ ...integration, overrides: overrides ?? integration.overrides });
};

/** Oldest first; deleted ones only when asked for. The cursor is the id of the last one shown. */
export const listIntegrations = async (
  ports: Ports,
  { status, displayLabel, ...page }: Page & { status?: IntegrationStatus; displayLabel?: string },
): Promise<PageOf<PublicIntegration>> => {
  const rows = await ports.integrations.all();
  const matching = rows
    .flatMap(({ integration }) => (integration ? [integration] : []))
    .filter((integration) => (status ? statusOf(integration) === status : integration.status !== "deleted"))
    .filter(({ application }) => displayLabel === undefined || application.displayLabel === displayLabel)
    .sort(byId);
  const cursorAt = ({ integrationId }: Integration) => encodeCursor("integrations", integrationId);
  return fillPage(page, {
    read: async (part) => {
      const after = decodeCursor("integrations", part.cursor) ?? "";
      const rest = matching.filter(({ integrationId }) => integrationId > after);
      return pageOf(rest, part.limit, cursorAt);
    },
    show: async (found) => found.map((item) => publicIntegration(item, ports.clock.now())),
    cursorAt,
    isFiltered: false,
    now: () => ports.clock.now(),
  });
};

/** Ids are UUIDs of version 7, so their order is that of creation. */
const byId = (a: Integration, b: Integration): number => (a.integrationId < b.integrationId ? -1 : 1);
