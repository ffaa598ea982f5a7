import { ProviderFailure } from "./provider-failure.ts";

/** For a request whose failure says nothing of what came before it: undefined then. A 401 stops the integration. */
export const ignoreFailure = (error: unknown): undefined => {
  if (error instanceof ProviderFailure && error.kind !== "unauthorized") return undefined;
  throw error;
};

/**
 * For a request that follows a change that was made, of which a failure takes nothing back: undefined then, also for a
 * 401, which the next request meets.
 */
export const ignoreAnyFailure = (error: unknown): undefined => {
  if (!(error instanceof ProviderFailure)) throw error;
};
