import type { UserObserved } from "./link.ts";

type KnownAccount = Pick<UserObserved, "pushed" | "uncertain" | "openingAt">;

/** Whether the account is open, and nothing that was sent may shut it out yet. */
export const isOpenForSure = ({ pushed, uncertain }: KnownAccount): boolean =>
  pushed?.active === true && uncertain?.active !== false;

/** Whether the account is shut out, and nothing that was sent may open it yet. */
export const isShutForSure = ({ pushed, uncertain, openingAt }: KnownAccount): boolean =>
  pushed?.active === false && uncertain?.active !== true && openingAt === undefined;
