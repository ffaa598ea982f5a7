import type { Exchange, HttpAnswer } from "../wire/transport.ts";
import { TransportFailure, type TransportFailureReason } from "../wire/transport-failure.ts";
import { isRateLimited } from "./rate-limited.ts";

/** One request to a service provider, or to its token endpoint, repeats apart: nothing of it that names anybody. */
export type Exchanged = {
  method: string;
  resource: (typeof resources)[number] | "other";
  /** Absent where no answer came. */
  status?: number;
  /** Why none came. */
  failure?: TransportFailureReason;
  ms: number;
  /** The answer asks to come again later. */
  isThrottled: boolean;
  /** Of the call or change that it is sent for, where there is one. */
  correlationId?: string;
};

const resources = ["Users", "Groups", "ServiceProviderConfig", "ResourceTypes", "Schemas"] as const;

/** The exchange, of which `observe` is told each request once it is over. `observe` never throws. */
export const observedExchange = (
  exchange: Exchange,
  {
    now,
    observe,
    correlationId,
  }: {
    now(): number;
    observe: (exchanged: Exchanged) => void;
    correlationId: string | undefined;
  },
): Exchange => {
  return async (request) => {
    const startedAt = now();
    const tell = (end: Pick<Exchanged, "status" | "failure" | "isThrottled">) =>
      observe({
        method: request.method,
        resource: resourceOf(request.url),
        ...end,
        ms: now() - startedAt,
        ...(correlationId !== undefined && { correlationId }),
      });
    try {
      const answer = await exchange(request);
      tell({ status: answer.status, isThrottled: asksToWait(answer) });
      return answer;
    } catch (error) {
      if (error instanceof TransportFailure) tell({ failure: error.reason, isThrottled: false });
      throw error;
    }
  };
};

/** A 503 may also say when to come again (RFC 9110 §15.6.4). */
const asksToWait = (answer: HttpAnswer): boolean =>
  isRateLimited(answer) || (answer.status === 503 && answer.headers["retry-after"] !== undefined);

/** The last part of the path that is one of these names: ids stay out. */
const resourceOf = ({ pathname }: URL): Exchanged["resource"] =>
  pathname.split("/").findLast(isResource) ?? "other";

const isResource = (part: string): part is (typeof resources)[number] =>
  (resources as readonly string[]).includes(part);
