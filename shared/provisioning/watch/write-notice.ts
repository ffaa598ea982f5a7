import type { Notice } from "../../model/notice.ts";
import { closedText, kindNames, labelOf, openedText } from "./notice-texts.ts";
import { byWeight, type Telling } from "./plan-messages.ts";

const mostIds = 100;
/** So many kinds and integrations are spelled out in a text. */
const mostSpelled = 10;

/** The message that tells this, all in one. @throws Error where there is nothing to tell */
export const writeNotice = (tellings: Telling[], messageId: string): Notice => {
  const [worst, ...others] = tellings.toSorted(byWeight);
  if (!worst) throw new Error("There is nothing to tell.");
  const all = [worst, ...others];
  const { status } = worst;
  const { kind, integrationId } = worst.page;
  const isOfOne = all.every(({ page }) => page.integrationId === integrationId);
  const { people } = worst.entry;
  return {
    messageId,
    text: others.length > 0 ? joinedText(all) : status === "opened" ? openedText(worst) : closedText(worst),
    status,
    kind,
    ...(isOfOne && { integrationId, label: labelOf(worst.page) }),
    ids: all.flatMap(({ entry }) => idOf(entry.id)).slice(0, mostIds),
    since: new Date(Math.min(...all.map(({ entry }) => entry.since))).toISOString(),
    ...(others.length === 0 && people !== undefined && { people }),
    ...(others.length > 0 && { counts: countsOf(all).map(({ label: _, ...count }) => count) }),
  };
};

const idOf = (id: string): string[] => (id.includes("#") ? [id.slice(id.indexOf("#") + 1)] : []);

/** In the order of the tellings. */
const countsOf = (tellings: Telling[]) => {
  const groups = Map.groupBy(
    tellings,
    ({ status, page: { kind, integrationId } }) => `${status} ${kind} ${integrationId}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { status, page } = first;
    const { kind, integrationId } = page;
    return [{ label: labelOf(page), status, kind, integrationId, count: group.length }];
  });
};

const joinedText = (tellings: Telling[]): string => {
  const counts = countsOf(tellings);
  const spelled = (status: Telling["status"]): string => {
    const some = counts.filter((count) => count.status === status);
    const words = some
      .slice(0, mostSpelled)
      .map(({ count, kind, label }) => `${count} ${kindNames[kind]} at ${label}`);
    const rest = some.slice(mostSpelled).reduce((all, { count }) => all + count, 0);
    return [...words, ...(rest > 0 ? [`${rest} elsewhere`] : [])].join(", ");
  };
  const [open, over] = [spelled("opened"), spelled("closed")];
  return [
    "There is much to tell, so this is several in one.",
    ...(open ? [`New: ${open}. GET /attention lists all, the worst first.`] : []),
    ...(over ? [`Over: ${over}.`] : []),
  ].join(" ");
};
