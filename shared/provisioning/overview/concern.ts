import type { Attention, AttentionKind } from "../../model/attention.ts";
import { accessOpenAfter, type Integration } from "../../model/integration.ts";
import { leftStates, type WorkState } from "../../model/work.ts";
import type { ObjectRef } from "../ports/work-index.ts";

/**
 * What may need a person. `about`: a user or group whose link is still to be read, since the index that named it lags
 * behind; else it is told in `shown`. `since`: Unix ms.
 */
export type Concern = {
  kind: AttentionKind;
  integration: Integration;
  since: number;
  about?: ObjectRef;
  shown?: Pick<Attention, "detail" | "holdId" | "count">;
};

/** What is wrong already, however short a time ago it was asked for. */
const wrongAtOnce: ReadonlySet<WorkState> = new Set(["failed", "held", "unconfirmed", ...leftStates]);

/** Whether a removal in that state counts as access that is open. */
export const isOverdue = (
  { policies }: Integration,
  { state, since }: { state: WorkState; since: number },
  now: number,
): boolean => wrongAtOnce.has(state) || since + accessOpenAfter(policies) <= now;
