import { changeDirectoryGroup } from "../../directory/change-directory-group.ts";
import { isChange } from "../../directory/save-group.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupLink } from "../../model/link.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import { type ExistingAsked, type FirstBind, planFirstBind } from "../groups/plan-first-bind.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import { waitingBind } from "../memberships/waiting-bind.ts";
import { changeMarkDays } from "../ports/directory-store.ts";
import type { Context, Ports } from "../ports/ports.ts";

const dayMs = 86_400_000;

/** What a bind that is still to be carried out was asked to do with people who are in the group there. */
export const askedBefore = ({ clock }: Pick<Ports, "clock">, link: GroupLink): ExistingAsked => {
  const wish = waitingBind(link);
  if (!wish) return {};
  if (wish.how === "replace") return { existing: "replace", confirm: wish.confirm };
  // Who was taken out of the group since can no longer be told: the bind is held until somebody asks again.
  if (clock.now() - Date.parse(wish.at) >= (changeMarkDays - 1) * dayMs) return {};
  return { existing: "keep", asked: { at: wish.at, version: wish.version ?? 0 } };
};

/**
 * Reconcile a bound group, after what its first bind was asked to do with people who are in it there, where nothing could be sent
 * when it was asked for: those who are to be kept become members first, but for those who were taken out since.
 * @throws Failure as `reconcileGroup`
 */
export const reconcileAsAsked = async (context: Context, link: GroupLink): Promise<GroupReceipt> => {
  const first = waitingBind(link) ? await takeExisting(context, link) : {};
  return reconcileGroup(context, link.id, first);
};

/** Make members of those who are to be kept. What was seen of the group there, and how many may be taken out of it. */
export const takeExisting = async (context: Context, link: GroupLink): Promise<Omit<FirstBind, "change">> => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  const asked = askedBefore(ports, link);
  const looked = {};
  let first: Omit<FirstBind, "change"> = {};
  const carriedOut = { integrationId, until: call.answerUntil };
  try {
    await changeDirectoryGroup({ ports, call, carriedOut }, link.id, async (base) => {
      if (!base || base.deleted) return undefined;
      const nothing = { name: base.name, add: [], remove: [] };
      const { change, ...seen } = await planFirstBind(
        context,
        { link, base, change: nothing },
        asked,
        looked,
      );
      first = seen;
      return isChange(base, change) ? change : undefined;
    });
    return first;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "deprovisions-held") throw error;
    // There are others by now: the attempt meets them, and has it on record.
    return askedAmount(asked);
  }
};

const askedAmount = ({ confirm }: ExistingAsked): Omit<FirstBind, "change"> =>
  confirm === undefined ? {} : { mayTakeOut: confirm };
