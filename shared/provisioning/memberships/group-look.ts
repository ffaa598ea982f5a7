import type { ServiceProvider } from "../ports/service-provider.ts";

/** What a look at the provider's group has asked, and what came of it, failures included. */
export type GroupLook = {
  /** Unix ms. */
  at: number;
  provider: ServiceProvider;
  found: Map<string, ReturnType<ServiceProvider["findGroups"]>>;
  read: Map<string, ReturnType<ServiceProvider["readGroup"]>>;
};

/** What is older may be otherwise by now. */
const freshMs = 10_000;
/** A group that was not there may be made by others, and is then not to be made twice. */
const absentMs = 3_000;

/** The provider, keeping what it is asked. */
export const recordLook = (provider: ServiceProvider, at: number): [GroupLook, ServiceProvider] => {
  const look: GroupLook = { at, provider, found: new Map(), read: new Map() };
  const recording: ServiceProvider = {
    ...provider,
    findGroups: (name) => kept(look.found, name, () => provider.findGroups(name)),
    readGroup: (id) => kept(look.read, id, () => provider.readGroup(id)),
  };
  return [look, recording];
};

/** The provider for an attempt that goes on from a look: what that has asked is part of it, and is asked once. */
export const withLook = (
  provider: ServiceProvider,
  look: GroupLook | undefined,
  now: number,
): ServiceProvider => {
  if (!look || now - look.at > freshMs) return provider;
  const isAbsentFresh = now - look.at <= absentMs;
  return {
    ...provider,
    findGroups: async (name) => {
      const found = await taken(look.found, name);
      return found && (found.length > 0 || isAbsentFresh) ? found : provider.findGroups(name);
    },
    readGroup: (id) => taken(look.read, id) ?? provider.readGroup(id),
    requestCount: () => look.provider.requestCount() + provider.requestCount(),
    lastAnswer: () => (provider.requestCount() > 0 ? provider : look.provider).lastAnswer(),
  };
};

const kept = <T>(answers: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> => {
  const answer = ask();
  answers.set(key, answer);
  return answer;
};

/** Once: what is asked again, after a change, is to be seen as it is then. */
const taken = <T>(answers: Map<string, Promise<T>>, key: string): Promise<T> | undefined => {
  const answer = answers.get(key);
  answers.delete(key);
  return answer;
};
