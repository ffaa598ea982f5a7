import type { LastAnswer } from "../../model/attempt.ts";
import type { ProviderFailure } from "../../provisioning/ports/service-provider.ts";
import { titleOf } from "./classify-failure.ts";
import type { Attempt } from "./retry.ts";

/** What the provider said to a request. */
export const lastOf = (status: number, result: Attempt<unknown>): LastAnswer => {
  if (result.ok) return { status, message: titleOf(status), details: [] };
  const { details = [], kind, message } = result.trouble;
  return { status, message: titleOf(status), details: kind === "malformed" ? [message] : details };
};

/** What was said, or not, by an endpoint whose answer became a failure. */
export const lastOfFailure = ({ status, message, details }: ProviderFailure): LastAnswer => ({
  ...(status !== undefined && { status }),
  message,
  details,
});
