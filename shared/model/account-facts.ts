import { remoteIdAt, type UserObserved } from "./link.ts";

type KnownAccount = Pick<UserObserved, "pushed" | "uncertain" | "openingAt">;

/** Whether the account is open, and nothing that was sent may shut it out yet. */
export const isOpenForSure = ({ pushed, uncertain }: KnownAccount): boolean =>
  pushed?.active === true && uncertain?.active !== false;

/** Whether the account is shut out, and nothing that was sent may open it yet. */
export const isShutForSure = ({ pushed, uncertain, openingAt }: KnownAccount): boolean =>
  pushed?.active === false && uncertain?.active !== true && openingAt === undefined;

/** The same of the account under this base URL. That one is shut out under another tells nothing of the one here. */
export const isShutAt = (integration: { baseUrl: string }, observed: UserObserved): boolean =>
  remoteIdAt(integration, observed) !== undefined && isShutForSure(observed);
