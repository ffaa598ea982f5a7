import type { AttentionKind } from "../../model/attention.ts";
import type { Integration } from "../../model/integration.ts";
import type { Concern } from "../overview/concern.ts";
import { concernsOf } from "../overview/concerns.ts";
import { showConcerns } from "../overview/show-concerns.ts";
import type { Ports } from "../ports/ports.ts";

/** Something that needs a person. */
export type Finding = {
  kind: AttentionKind;
  integrationId: string;
  label: string;
  /** As in `NoticeEntry`. */
  id: string;
  /** Unix ms. */
  since: number;
  people?: number;
};

/** Names a finding among all. */
export const nameOf = ({ kind, integrationId, id }: Pick<Finding, "kind" | "integrationId" | "id">): string =>
  `${kind} ${integrationId} ${id}`;

/** So many users and groups are read at most, to see that the index that shows them does not lag behind. */
const mostRead = 200;

/**
 * All of that kind, the oldest first, as the index of work shows it. Of what `isKnown` does not name, and of open access,
 * the oldest were read: what was over is left out.
 */
export const lookFor = async (
  ports: Ports,
  kind: AttentionKind,
  integrations: Integration[],
  isKnown: (finding: Finding) => boolean,
): Promise<Finding[]> => {
  const found = new Map<string, { finding: Finding; concern: Concern }>();
  for (const concern of (await concernsOf(ports, kind, integrations)).toSorted((a, b) => a.since - b.since)) {
    const finding = toFinding(concern);
    const name = nameOf(finding);
    if (!found.has(name)) found.set(name, { finding, concern });
  }
  const all = [...found.values()];
  const isToBeRead = (one: (typeof all)[number]) =>
    one.concern.about !== undefined && (kind === "access-open" || !isKnown(one.finding));
  const read = all.filter(isToBeRead).slice(0, mostRead);
  const shown = await showConcerns(
    ports,
    read.map(({ concern }) => concern),
  );
  const seen = new Map(read.map((one, at) => [one, shown[at]]));
  return all.flatMap((one) => {
    if (!seen.has(one)) return [one.finding];
    const attention = seen.get(one);
    return attention ? [{ ...one.finding, ...peopleOf(attention.count) }] : [];
  });
};

const peopleOf = (people: number | undefined) => (people === undefined ? {} : { people });

const toFinding = ({ kind, integration, since, about, shown }: Concern): Finding => {
  const { integrationId, application } = integration;
  const label = application.displayLabel ?? application.name;
  const people = shown?.count;
  const id = about
    ? `${about.kind}#${about.id}`
    : shown?.holdId !== undefined
      ? `hold#${shown.holdId}`
      : people === undefined
        ? ""
        : "many";
  return { kind, integrationId, label, id, since, ...peopleOf(people) };
};
