import type { UserObserved } from "../model/link.ts";
import type { UserWork } from "./user-work.ts";

/**
 * The account is gone or not ours: the claim is given up, and nothing is known of it but which attributes it was given.
 * Some providers keep what they were told to destroy or delete, and show it again to who looks it up.
 */
export const forgetAccount = async ({
  ports,
  integration,
  link,
}: Pick<UserWork, "ports" | "integration" | "link">): Promise<UserObserved> => {
  const { remoteId, pushed = {}, doubtful = {}, baseUrl, ...rest } = link.observed;
  if (!remoteId || !baseUrl) return rest;
  const { integrationId } = integration;
  await ports.claims.release({ integrationId, kind: "user", baseUrl, remoteId, ownerId: link.id });
  return { ...rest, former: { remoteId, paths: Object.keys({ ...pushed, ...doubtful }) } };
};
