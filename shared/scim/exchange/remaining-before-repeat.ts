import { type Attempt, type FailedAttempt, retryRules } from "./retry.ts";
import type { ScimRequest } from "./scim-request.ts";

type Sending<T> = (request: ScimRequest<T>) => Promise<Attempt<T>>;

/**
 * The tries of one request, each carried out by the `send` that it is given. Before one that follows an uncertain
 * outcome the request is asked what is left of it (`again`); where it cannot tell, the tries end with the last failure.
 */
export const remainingBeforeRepeat = <T>(
  request: ScimRequest<T>,
): ((send: Sending<T>) => Promise<Attempt<T>>) => {
  let next = request;
  let uncertain: FailedAttempt | undefined;

  return async (send) => {
    if (uncertain && request.again) {
      const rest = await request.again();
      if (rest === undefined) return { ...uncertain, on: "final" };
      if ("value" in rest) return { ok: true, value: rest.value };
      next = { ...request, body: rest.body };
    }
    const result = await send(next);
    uncertain = !result.ok && retryRules[result.on].maybeApplied ? result : undefined;
    return result;
  };
};
