import type { ProviderFailure } from "../ports/provider-failure.ts";
import { asProviderFailure } from "./provider-failure.ts";

/**
 * What a failure comes to, by `settle`, which may ask the provider what happened. Where that is refused with a 401,
 * this is the failure that counts, and `settle` is called with it once more; what was sent may have been applied.
 */
export const preferUnauthorized = async <T>(
  error: unknown,
  settle: (cause: ProviderFailure) => Promise<T>,
): Promise<T> => {
  const cause = asProviderFailure(error);
  try {
    return await settle(cause);
  } catch (further) {
    const { maybeApplied } = cause;
    return await settle(asProviderFailure(further).copyWith({ maybeApplied }));
  }
};
