import { changeDirectoryGroup } from "../../directory/change-directory-group.ts";
import { isChange } from "../../directory/save-group.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupLink } from "../../model/link.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import { type Existing, type FirstBind, planFirstBind } from "../groups/plan-first-bind.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import { waitingBind } from "../memberships/waiting-bind.ts";
import type { Context } from "../ports/ports.ts";

/** What a bind that is still to be carried out was asked to do with people who are in the group there. */
export const askedBefore = (link: GroupLink): { existing?: Existing; confirm?: number } => {
  const wish = waitingBind(link);
  if (!wish) return {};
  return wish.how === "keep" ? { existing: "keep" } : { existing: "replace", confirm: wish.confirm };
};

/**
 * Reconcile a bound group, after what its first bind was asked to do with people who are in it there, where nothing could be sent
 * when it was asked for: those who are to be kept become members first.
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
  const asked = askedBefore(link);
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

const askedAmount = ({ confirm }: { confirm?: number }): Omit<FirstBind, "change"> =>
  confirm === undefined ? {} : { mayTakeOut: confirm };
