import { concurrently } from "../../common/concurrently.ts";
import type { Attention } from "../../model/attention.ts";
import type { SavedGroup } from "../../model/directory.ts";
import type { AttemptHistory, GroupLink, Link } from "../../model/link.ts";
import type { Work } from "../../model/work.ts";
import { readGroupState } from "../memberships/group-state.ts";
import { leaversThere } from "../memberships/leavers-there.ts";
import type { Ports } from "../ports/ports.ts";
import { endsAccess } from "../users/ends-access.ts";
import { readUserStates, type UserState } from "../users/user-state.ts";
import { type Concern, isOverdue } from "./concern.ts";
import { whyItWaits } from "./why-it-waits.ts";

/** What is told of each, once its link was read: undefined where that shows that it is over, or another matter by now. */
export const showConcerns = async (ports: Ports, concerns: Concern[]): Promise<(Attention | undefined)[]> => {
  const users = await usersOf(ports, concerns);
  return concurrently(concerns, 16, async (concern) => {
    const { about, integration } = concern;
    if (!about) return { ...toldOf(concern, concern.since), detail: "", ...concern.shown };
    if (about.kind === "group") return showGroup(ports, concern, about.id);
    return showUser(ports, concern, users.get(integration.integrationId)?.get(about.id));
  });
};

const usersOf = async (ports: Ports, concerns: Concern[]): Promise<Map<string, Map<string, UserState>>> => {
  const ids = new Map<string, string[]>();
  for (const { about, integration } of concerns) {
    if (about?.kind !== "user") continue;
    const { integrationId } = integration;
    ids.set(integrationId, [...(ids.get(integrationId) ?? []), about.id]);
  }
  const read = await concurrently([...ids], 8, async ([integrationId, userIds]) => {
    const states = await readUserStates(ports, integrationId, userIds);
    return [integrationId, states] as const;
  });
  return new Map(read);
};

const toldOf = ({ kind, integration }: Concern, since: number) => ({
  kind,
  integrationId: integration.integrationId,
  since: new Date(since).toISOString(),
});

const showUser = async (
  ports: Ports,
  concern: Concern,
  state: UserState | undefined,
): Promise<Attention | undefined> => {
  if (!state) return undefined;
  const { link, saved } = state;
  const isOpen = endsAccess(concern.integration, state);
  const told = await toldWith(ports, concern, { link, changed: saved?.changed, isOpen });
  if (!told) return undefined;
  const wanted = link.assignment.removal === "delete" ? "deleted" : "closed";
  const what = concern.kind === "access-open" ? `The account is to be ${wanted}, and may be open. ` : "";
  return { ...told, userId: link.id, detail: `${what}${told.detail}` };
};

const showGroup = async (ports: Ports, concern: Concern, groupId: string): Promise<Attention | undefined> => {
  const { link, saved } = await readGroupState(ports, concern.integration.integrationId, groupId);
  const isBound = link.assignment.bound;
  const leavers = isBound && saved ? await leaversThere(ports, link, saved) : undefined;
  const isOpen = leavers !== 0;
  const told = await toldWith(ports, concern, { link, changed: saved?.changed, isOpen });
  if (!told) return undefined;
  if (concern.kind !== "access-open") return { ...told, groupId };
  const count = leavers === undefined ? {} : { count: leavers };
  return { ...told, groupId, ...count, detail: `${openOf(link, saved, leavers)} ${told.detail}` };
};

const openOf = (
  { assignment: { bound, removal } }: GroupLink,
  saved: SavedGroup | undefined,
  leavers: number | undefined,
): string => {
  if (saved?.deleted)
    return "The group has ended, and its members may be in it still at the service provider.";
  if (bound) return `${leavers ?? "Many"} who left the group may be in it still at the service provider.`;
  return removal === "delete"
    ? "The group is to be deleted at the service provider, and may be there still."
    : "The group is unbound, and some members may not be let go of yet.";
};

type Read = {
  link: Link<unknown, AttemptHistory>;
  changed: { since: number } | undefined;
  /** Access is to end, and may be open. */
  isOpen: boolean;
};

/** By the mark that the link bears now; else by that of the change that has not reached it. */
const toldWith = async (
  ports: Ports,
  concern: Concern,
  { link, changed, isOpen }: Read,
): Promise<(ReturnType<typeof toldOf> & { detail: string }) | undefined> => {
  const { kind, integration, about } = concern;
  const { work, observed } = link;
  if (!about) return undefined;
  const told = async (mark: Work) => ({
    ...toldOf(concern, mark.since),
    detail: await whyItWaits({ ports, integration }, about, observed, mark),
  });
  if (kind !== "access-open") {
    if (work?.state !== kind || (work.urgency === 0 && isOpen)) return undefined;
    return told(work);
  }
  if (!isOpen) return undefined;
  if (work?.urgency !== 0) {
    const late = changed && { state: "pending" as const, since: changed.since };
    if (!late || !isOverdue(integration, late, ports.clock.now())) return undefined;
    const detail = "The change of the directory has not reached the integration yet.";
    return { ...toldOf(concern, late.since), detail };
  }
  return isOverdue(integration, work, ports.clock.now()) ? told(work) : undefined;
};
