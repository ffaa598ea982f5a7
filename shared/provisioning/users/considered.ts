import { omit } from "../../common/objects.ts";
import type { Attributes } from "../../model/attributes.ts";
import type { SavedUser } from "../../model/directory.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import { isWork, openWork } from "../../model/work.ts";
import { leftToCall } from "../attempts/left-to-call.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import type { UserState } from "./user-state.ts";
import { workOfUser } from "./work-of-user.ts";

/** The versions that a plan was made of, kept with its outcome so that a later change is seen as one. */
export const considered = ({ mappingVersion }: Integration, saved: SavedUser | undefined) => ({
  ...(saved && { version: saved.version }),
  mappingVersion,
});

/** Whether the link tells already that nothing is to be sent for these versions. */
export const isConsidered = (
  { mappingVersion }: Integration,
  { saved, link: { rev, observed } }: Pick<UserState, "saved" | "link">,
  sent: Attributes | undefined,
): boolean =>
  rev === 0 ||
  (observed.version === saved?.version &&
    observed.mappingVersion === mappingVersion &&
    !observed.lastError &&
    // Where nothing is to be sent, what was shown otherwise is what is wanted now.
    (sent !== undefined || !observed.unconfirmed));

/**
 * Nothing had to be sent: remember for which versions that is so. No write where it is known already. `moved` where others
 * have written to the link since: plan again.
 */
export const noteConsidered = async (
  { ports, integration }: IntegrationContext,
  { saved, link }: Pick<UserState, "saved" | "link">,
  sent: Attributes | undefined,
): Promise<UserLink | "moved"> => {
  if (link.rev === 0 || (!openWork(link.work) && isConsidered(integration, { saved, link }, sent)))
    return link;
  const known = sent ? link.observed : omit(link.observed, "unconfirmed");
  const over = omit(known, "lastError", "failures", "notBefore");
  const observed = { ...over, ...considered(integration, saved) };
  const work = workOfUser({ ports, integration }, { saved, link: { ...link, observed } });
  const key = { integrationId: link.integrationId, id: link.id };
  const isNoted = await ports.userLinks.note(key, link.rev, observed, leftToCall(ports, work));
  if (!isNoted) return "moved";
  return { ...omit(link, "work"), observed, rev: link.rev + 1, ...(isWork(work) && { work }) };
};
