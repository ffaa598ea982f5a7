import { ProviderFailure, type ServiceProvider } from "./ports/service-provider.ts";

/** A 404 is checked, not believed; and a DELETE of what is gone is answered 500 by some. Where nobody can tell, it is not gone. */
const isGone = async (read: () => Promise<unknown>): Promise<boolean> => {
  try {
    return (await read()) === undefined;
  } catch (error) {
    if (error instanceof ProviderFailure) return false;
    throw error;
  }
};

export const isGroupGone = (provider: ServiceProvider, remoteId: string): Promise<boolean> =>
  isGone(() => provider.readGroup(remoteId));
