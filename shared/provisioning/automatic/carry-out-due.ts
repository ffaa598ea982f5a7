import { present } from "../../common/objects.ts";
import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { AttemptHistory } from "../../model/link.ts";
import { isSendable } from "../attempts/is-sendable.ts";
import { isPassing } from "../attempts/next-try.ts";
import { toldOf } from "../attempts/provider-failure.ts";
import { type CountedFailure, refusalOf } from "../attempts/quarantine.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import type { Ports } from "../ports/ports.ts";
import type { WorkRef } from "../ports/work-index.ts";
import { carryOutGroup, carryOutUser, type Within } from "./carry-out.ts";
import { isDue } from "./due-work.ts";
import { postpone, reschedule } from "./reschedule.ts";

/**
 * What came of it; `integration` as it was read for it. `failed`: the provider did, with the reason in its words. `correlationId`
 * of what was carried out, where that came so far.
 */
export type CarriedOut = { integration?: Integration; correlationId?: string } & (
  | { verdict: "not-due" | "nothing-sent" | "other" }
  | { verdict: "done" }
  | { verdict: "failed"; failure: CountedFailure; reason: string }
);

/** Carry out what an entry of the index names, once its link has said that it is due. A probe is due whatever its time. */
export const carryOutDue = async (ports: Ports, ref: WorkRef, within: Within): Promise<CarriedOut> => {
  const { kind, key } = ref;
  const integration = await presentIntegration(ports, key.integrationId);
  if (!integration) return { verdict: "not-due" };
  const { isProbe } = within;
  if (!isSendable(integration, { call: { isAutomatic: true, ...(isProbe && { isProbe }) } }))
    return { verdict: "not-due", integration };
  const link = await (kind === "user" ? ports.userLinks : ports.groupLinks).read(key);
  const { work } = link ?? {};
  const isOfTurn = work?.state === "retrying" || work?.state === "failed";
  const isToBeTried = work && ((isProbe && isOfTurn) || isDue(ports, integration, work));
  if (!link || !isToBeTried) return { verdict: "not-due", integration };
  const context = { ports, integration };
  let thrown: Failure | undefined;
  let correlationId: string | undefined;
  try {
    const done = await (kind === "user" ? carryOutUser : carryOutGroup)(context, key.id, within);
    correlationId = done.correlationId;
    if (done.isHeld) return { integration, correlationId, verdict: "nothing-sent" };
  } catch (error) {
    if (!(error instanceof Failure)) {
      await postpone(ports, ref, link);
      throw error;
    }
    thrown = error;
    correlationId = error.extras.correlationId;
  }
  const observed = await reschedule(context, ref, work);
  const told = { object: `${kind} ${key.id}`, at: ports.clock.now() };
  const verdict = verdictOf(told, thrown, { before: link.observed, after: observed });
  return { integration, ...present({ correlationId }), ...verdict };
};

type Seen = { before: AttemptHistory; after: AttemptHistory };

const verdictOf = (
  told: Omit<CountedFailure, "refusal">,
  thrown: Failure | undefined,
  { before, after }: Seen,
): CarriedOut => {
  const isAttempted = before.lastEventId !== after.lastEventId;
  const error = thrown ? toldOf(thrown) : isAttempted ? after.lastError : undefined;
  if (!error) return { verdict: isAttempted ? "done" : "nothing-sent" };
  const { code, detail, status } = error;
  if (status === 401 || !code.startsWith("provider-")) return { verdict: "other" };
  // It was not sent, e.g. since the provider wants no request for a while.
  if (thrown && !isAttempted && thrown.extras.eventId === undefined) return { verdict: "nothing-sent" };
  const failure = isPassing(error) ? told : { ...told, refusal: refusalOf({ detail }, status) };
  return { verdict: "failed", failure, reason: detail };
};
