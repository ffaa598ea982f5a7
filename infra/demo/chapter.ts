import type { Directory } from "./directory.ts";
import type { Step } from "./progress.ts";
import type { Provider } from "./provider.ts";

/** The provider's tokens: right ones, and wrong ones that must be refused. All of them are secrets. */
export type Tokens = { first: string; rotated: string; wrongAtStart: string; wrongAtReauth: string };

/** What every chapter of the demo works with. */
export type Chapter = {
  step: Step;
  provider: Provider;
  directory: Directory;
  tokens: Tokens;
  /** Notes a problem and goes on; what makes the rest pointless is thrown instead. */
  check(isRight: boolean, problem: string): void;
};

/** A chapter after the activation. */
export type BoundChapter = Chapter & { integrationId: string };

/** The paths of one integration. */
export const pathsOf = (integrationId: string) => ({
  integration: `/integrations/${integrationId}`,
  user: (userId: string) => `/integrations/${integrationId}/users/${userId}`,
  group: (groupId: string) => `/integrations/${integrationId}/groups/${groupId}`,
  members: (groupId: string) => `/integrations/${integrationId}/groups/${groupId}/members`,
});
