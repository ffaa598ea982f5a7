import { type Attempt, type RequestFailure, retryRules } from "./retry.ts";
import type { ScimRequest } from "./scim-request.ts";

type Sending<T> = (request: ScimRequest<T>) => Promise<Attempt<T>>;

/**
 * The tries of one request, each carried out by the `send` that it is given. Before one that follows an open outcome
 * the request is asked what is left of it (`again`); where it cannot tell, the tries end with what the last one met.
 */
export const remainingBeforeRepeat = <T>(
  request: ScimRequest<T>,
): ((send: Sending<T>) => Promise<Attempt<T>>) => {
  let next = request;
  let open: RequestFailure | undefined;

  return async (send) => {
    if (open && request.again) {
      const rest = await request.again();
      if (rest === undefined) return { ok: false, trouble: { ...open, on: "final" } };
      if ("value" in rest) return { ok: true, value: rest.value };
      next = { ...request, body: rest.body };
    }
    const result = await send(next);
    open = !result.ok && retryRules[result.trouble.on].maybeApplied ? result.trouble : undefined;
    return result;
  };
};
