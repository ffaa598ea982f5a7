import { allPages } from "../../common/all-pages.ts";
import type { Hold } from "../../model/hold.ts";
import type { Ports } from "../ports/ports.ts";

/** The holds of an integration that nobody has decided yet. */
export const openHolds = async ({ holds }: Ports, integrationId: string): Promise<Hold[]> => {
  const open: Hold[] = [];
  for await (const page of allPages((part) => holds.list(integrationId, part), 100))
    open.push(...page.filter(({ state, count }) => state === "open" && count > 0));
  return open;
};
