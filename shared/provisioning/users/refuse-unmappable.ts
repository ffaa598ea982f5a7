import { isDeepStrictEqual } from "node:util";
import { Failure, type FieldError } from "../../model/failure.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { considered } from "./considered.ts";
import type { UserState } from "./user-state.ts";
import { workOfUser } from "./work-of-user.ts";

/**
 * The failure of a user who cannot be mapped. It is kept as the link's last error, for the versions that it was found
 * with, so that the status tells it until the user or the mapping changes. Nothing was sent: no attempt is counted.
 */
export const refuseUnmappable = async (
  { ports, integration }: IntegrationContext,
  { saved, link }: Pick<UserState, "saved" | "link">,
  errors: FieldError[],
): Promise<Failure> => {
  const failure = unmappable(link.id, errors);
  const lastError = { code: failure.code, detail: failure.detail };
  const now = new Date(ports.clock.now()).toISOString();
  const known = link.observed.lastError;
  const since = isDeepStrictEqual(known, lastError) ? (link.observed.since ?? now) : now;
  const observed = { ...link.observed, ...considered(integration, saved), lastError, since };
  // Where others wrote to the link meanwhile, their call plans anew.
  if (!isDeepStrictEqual(observed, link.observed) || link.work) {
    const work = workOfUser({ ports, integration }, { saved, link: { ...link, observed } });
    const key = { integrationId: link.integrationId, id: link.id };
    await ports.userLinks.note(key, link.rev, observed, work);
  }
  return failure;
};

const unmappable = (userId: string, errors: FieldError[]): Failure =>
  new Failure(
    "mapping-failed",
    `User ${userId} lacks what a required attribute is made of: ${errors.map(({ path, message }) => `${path}: ${message}`).join("; ")}. Complete the user, or change the attributeMappings of the integration.`,
    { errors },
  );
