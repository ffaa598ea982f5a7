import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { ProviderFailure } from "../../shared/provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../../shared/provisioning/ports/service-provider.ts";
import type { Defect } from "./world.ts";

/** A service that gets this from its provider's client. */
export const withProvider =
  (change: (provider: ServiceProvider, ports: Ports) => Partial<ServiceProvider>): Defect =>
  (ports) => ({
    ...ports,
    openProvider: (target, limits) => {
      const provider = ports.openProvider(target, limits);
      return { ...provider, ...change(provider, ports) };
    },
  });

/** The claim's failure after a 201 is taken for the creation's, and the account is forgotten. */
export const forgetsTheCreated = withProvider((provider, ports) => ({
  async createUser(attributes) {
    const account = await provider.createUser(attributes);
    const claim = { integrationId: "-", kind: "user" as const, baseUrl: "-", remoteId: account.id };
    await ports.claims.ownerOf(claim).catch(() => {
      throw new ProviderFailure("out-of-time", "The claim failed");
    });
    return account;
  },
}));

/** A PATCH whose reply was lost counts as done. */
export const trustsTheLost = withProvider((provider) => {
  const orDone = async <T>(work: Promise<T>, done: T): Promise<T> =>
    work.catch((error: unknown) => {
      if (error instanceof ProviderFailure && error.maybeApplied) return done;
      throw error;
    });
  return {
    patchUser: (id, changes, options) =>
      orDone(provider.patchUser(id, changes, options), { unconfirmed: [] }),
    changeMembers: async (id, difference, done, further) => {
      await provider.changeMembers(id, difference, done, further).catch(async (error: unknown) => {
        if (!(error instanceof ProviderFailure && error.maybeApplied)) throw error;
        await done({ added: difference.add, removed: difference.remove, unconfirmed: [], uncertain: [] });
      });
    },
  };
});

/** A group that cannot be changed while somebody leaves it is not tried again: the leaver counts as removed. */
export const forgetsTheLeaver = withProvider((provider) => ({
  async changeMembers(id, difference, done, further) {
    if (difference.remove.length === 0) return provider.changeMembers(id, difference, done, further);
    await provider.changeMembers(id, difference, done, further).catch(() => undefined);
    await done({ added: [], removed: difference.remove, unconfirmed: [], uncertain: [] });
  },
}));
