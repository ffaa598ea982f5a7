import { omit } from "../common/objects.ts";
import type { DryRunAnswer } from "../model/dry-run.ts";
import { Failure } from "../model/failure.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { Rehearse, Rehearsed } from "../rehearsal/rehearse.ts";
import type { Answer } from "./endpoint.ts";

type Asked = { query: { dryRun?: boolean | undefined }; deadline: number };

/** A call that can be made dry: what it does, over which ports, and how its result is answered. */
type Call<T> = {
  ports: Ports;
  rehearse: Rehearse;
  act(ports: Ports): Promise<T>;
  answer(result: T): Answer;
};

/** To answer with what was found, before the call must have ended. */
const reserveMs = 3_000;

/**
 * Carry the call out; or, with `?dryRun=true`, tell what it would do: the same `act` over a rehearsal, in which nothing is
 * saved and nothing is sent.
 */
export const orDryRun = async <T extends object>(
  { query, deadline }: Asked,
  { ports, rehearse, act, answer }: Call<T>,
): Promise<Answer> => {
  if (query.dryRun !== true) return answer(await act(ports));
  const rehearsed = await rehearse(ports, { act, until: deadline - reserveMs }).catch((error: unknown) => {
    throw error instanceof Failure ? withoutItsEvents(error) : error;
  });
  return { status: 200, body: { ...(withoutEvents(rehearsed.result) as object), ...toDryRun(rehearsed) } };
};

const toDryRun = <T extends object>({
  result,
  requests,
  requestsTotal,
  held,
  notActive,
}: Rehearsed<T>): DryRunAnswer => {
  const isCreated = (result as { action?: unknown }).action === "created";
  return {
    dryRun: true,
    ...(isCreated && { outcomes: ["created", "adopted"] }),
    requests,
    requestsTotal,
    ...(held.length > 0 && { held }),
    ...(notActive.length > 0 && { notActive }),
  };
};

/** No event was left, and no hold: the ids of those that would be are nobody's. */
const withoutEvents = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutEvents);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(omit(value as Receipt, "eventId", "holdId")).map(([key, inner]) => [
      key,
      key === "eventIds" ? [] : withoutEvents(inner),
    ]),
  );
};
type Receipt = { eventId?: unknown; holdId?: unknown };

const withoutItsEvents = ({ code, detail, extras }: Failure): Failure =>
  new Failure(code, detail, omit(extras, "eventId", "earlierEventIds", "correlationId"));
