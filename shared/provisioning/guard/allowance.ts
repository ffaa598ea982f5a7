import { allPages } from "../../common/all-pages.ts";
import { guardOf } from "../../model/integration.ts";
import type { GuardCount } from "../ports/guard-store.ts";
import type { IntegrationContext } from "../ports/ports.ts";

/** A count of open accounts serves for so long. */
const countedMs = 60_000;

/**
 * Whether so many accounts may go in an hour without a word: `max(users, min(percent % of the open ones, most))`. They
 * are counted only where it depends on them, which `counted` tells then.
 */
export const isAllowed = async (
  context: IntegrationContext,
  needed: number,
  known: GuardCount["open"],
): Promise<{ isFree: boolean; counted?: NonNullable<GuardCount["open"]> }> => {
  const { users, percent, most } = guardOf(context.integration.policies);
  if (needed <= users) return { isFree: true };
  if (needed > most || percent === 0) return { isFree: false };
  const enough = (needed * 100) / percent;
  const isFresh = known !== undefined && context.ports.clock.now() - known.at < countedMs;
  if (isFresh && (known.isAll || known.count >= enough)) return { isFree: known.count >= enough };
  const counted = await countOpen(context, enough);
  return { isFree: counted.count >= enough, counted };
};

/** Counts open accounts until there are `enough`. */
const countOpen = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  enough: number,
): Promise<NonNullable<GuardCount["open"]>> => {
  const at = ports.clock.now();
  let count = 0;
  for await (const links of allPages((page) => ports.userLinks.list(integrationId, page), 500)) {
    count += links.filter(({ observed }) => observed.remoteId && observed.pushed?.active === true).length;
    if (count >= enough) return { count, isAll: false, at };
  }
  return { count, isAll: true, at };
};
