import { encodeCursor, type Page, type PageOf } from "../../common/cursor.ts";
import { fillPage } from "../../common/fill-page.ts";
import { Failure } from "../../model/failure.ts";
import type { Hold, HoldState, HoldView, HoldWithItems } from "../../model/hold.ts";
import { requireIntegration } from "../attempts/require-integration.ts";
import type { HoldKey } from "../ports/hold-store.ts";
import { holdsList } from "../ports/list-names.ts";
import type { Ports } from "../ports/ports.ts";
import { tally } from "./tally.ts";

export const toHoldView = ({ integrationId, holdId, state, count, since, cause }: Hold): HoldView => ({
  integrationId,
  holdId,
  state,
  count,
  since,
  cause,
});

/** The oldest first. @throws Failure `not-found` where the integration is unknown */
export const listHolds = async (
  ports: Ports,
  integrationId: string,
  { state, ...page }: Page & { state?: HoldState },
): Promise<PageOf<HoldView>> => {
  await requireIntegration(ports, integrationId);
  return fillPage(page, {
    read: (part) => ports.holds.list(integrationId, part),
    show: async (holds) =>
      holds.map((hold) => (isMade(hold) && (!state || hold.state === state) ? toHoldView(hold) : undefined)),
    cursorAt: ({ holdId }) => encodeCursor(holdsList(integrationId), holdId),
    isFiltered: true,
    now: () => ports.clock.now(),
  });
};

/** A hold is made first, and those whom it keeps are counted a moment later. */
const isMade = ({ state, count }: Hold): boolean => state !== "open" || count > 0;

/** A hold as it stands by what is in it now, with one page of that. @throws Failure `not-found` */
export const getHold = async (ports: Ports, key: HoldKey, page: Page): Promise<HoldWithItems> => {
  const hold = await requireHold(ports, key);
  const items = await ports.holds.items(key, page);
  return { ...toHoldView(hold), ...(await tally(ports, key)), ...items };
};

export const requireHold = async (ports: Ports, key: HoldKey): Promise<Hold> => {
  const hold = await ports.holds.read(key);
  if (hold) return hold;
  throw new Failure("not-found", `Integration ${key.integrationId} has no hold ${key.holdId}.`);
};
