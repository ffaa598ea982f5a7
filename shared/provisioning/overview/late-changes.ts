import { concurrently } from "../../common/concurrently.ts";
import { accessOpenAfter, type Integration } from "../../model/integration.ts";
import type { Changed } from "../../model/work.ts";
import { leaversThere } from "../memberships/leavers-there.ts";
import type { Ports } from "../ports/ports.ts";
import type { ObjectRef } from "../ports/work-index.ts";
import { endsAccess } from "../users/ends-access.ts";
import type { Concern } from "./concern.ts";

const mostLookedAt = 1_000;

/**
 * Removals that have not even reached the links, the oldest first: changes of the directory that nobody has dispatched in
 * time. The sweep leaves none for long, so there are some only where it does not work, and then they must be seen.
 */
export const lateChanges = async (ports: Ports, integrations: Integration[]): Promise<Concern[]> => {
  if (integrations.length === 0) return [];
  const soonest = Math.min(...integrations.map(({ policies }) => accessOpenAfter(policies)));
  const refs = await ports.work.changed(ports.clock.now() - soonest, mostLookedAt);
  const known = new Map(integrations.map((integration) => [integration.integrationId, integration]));
  const found = await concurrently(refs, 16, async (ref) => {
    const late = await (ref.kind === "user" ? lateUser(ports, known, ref) : lateGroup(ports, ref));
    return late.flatMap(({ integrationId, changed }) => {
      const integration = known.get(integrationId);
      const isLate = integration && isLateFor(integration, changed, ports.clock.now());
      return isLate ? [{ kind: "access-open" as const, integration, since: changed.since, about: ref }] : [];
    });
  });
  return found.flat();
};

type Late = { integrationId: string; changed: Changed };

const isLateFor = ({ policies }: Integration, { since }: Changed, now: number): boolean =>
  since + accessOpenAfter(policies) <= now;

/** What is marked at the link already is found by that. */
const lateUser = async (
  ports: Ports,
  known: Map<string, Integration>,
  { id }: ObjectRef,
): Promise<Late[]> => {
  const saved = await ports.users.read(id);
  const { changed } = saved ?? {};
  if (!changed) return [];
  const links = await ports.userLinks.ofObject(id);
  const open = links.filter((link) => {
    const integration = known.get(link.integrationId);
    return integration && link.work?.urgency !== 0 && endsAccess(integration, { saved, link });
  });
  return open.map(({ integrationId }) => ({ integrationId, changed }));
};

const lateGroup = async (ports: Ports, { id }: ObjectRef): Promise<Late[]> => {
  const saved = await ports.groups.read(id);
  const { changed } = saved ?? {};
  if (!saved || !changed?.isUrgent) return [];
  const links = (await ports.groupLinks.ofObject(id)).filter(({ work }) => work?.urgency !== 0);
  const open = await concurrently(links, 8, async (link) =>
    (await leaversThere(ports, link, saved)) === 0 ? [] : [{ integrationId: link.integrationId, changed }],
  );
  return open.flat();
};
