import { attentionKinds } from "../../model/attention.ts";
import type { Integration } from "../../model/integration.ts";
import type { Ports } from "../ports/ports.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { type Finding, lookFor, nameOf } from "./look-for.ts";
import { levelOf, oldestDue } from "./measure-levels.ts";
import { readOnce } from "./read-once.ts";
import { type Notices, tellPeople } from "./tell-people.ts";

/** What the watch needs from outside. */
export type WatchPorts = {
  ports: Ports;
  /** Those that are not deleted. It may lag behind. */
  current(): Promise<Integration[]>;
  telemetry: Telemetry;
  notices: Notices;
};

/** Unix ms: by `until` it has ended; by `deadAt` its process has, whatever becomes of it. */
type Times = { until: number; deadAt: number };

/** Open access before all else, so that nothing slow comes before it. */
const rounds = [["access-open"], attentionKinds.filter((kind) => kind !== "access-open")] as const;

/**
 * Looks at everything that may need a person, records how it stands, and tells people what they were not told. A part that
 * fails keeps no other from being done, and has no figure: unknown is not 0. Safe to run at any time, and twice at once.
 * @returns the failures for the log
 */
export const watch = async (outside: WatchPorts, times: Times): Promise<unknown[]> => {
  const { ports } = outside;
  const runAt = ports.clock.now();
  const failures: unknown[] = [];
  const trying = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  };
  const integrations = await trying(() => outside.current());
  if (!integrations) return failures;
  // Ports are made when they are first read, so they are not copied.
  const view: Ports = Object.create(ports, { work: { value: readOnce(ports.work) } });
  for (const kinds of rounds) {
    const look = { kinds, isLast: kinds === rounds.at(-1), integrations, trying, times: { ...times, runAt } };
    failures.push(...((await trying(() => lookAndTell({ ...outside, ports: view }, look))) ?? []));
  }
  return failures;
};

type Look = {
  kinds: (typeof rounds)[number];
  isLast: boolean;
  integrations: Integration[];
  trying<T>(work: () => Promise<T>): Promise<T | undefined>;
  times: Times & { runAt: number };
};

const lookAndTell = async (
  { ports, telemetry, notices }: WatchPorts,
  { kinds, isLast, integrations, trying, times }: Look,
): Promise<unknown[]> => {
  const hasChannels = Object.keys(notices.channels).length > 0;
  const book = hasChannels ? await trying(() => notices.store.read()) : undefined;
  const known = new Set(
    book?.pages.flatMap((page) => page.entries.map(({ id }) => nameOf({ ...page, id }))) ?? [],
  );
  const found = new Map<(typeof kinds)[number], Finding[]>();
  for (const kind of kinds) {
    // Where nobody is told, nothing is new.
    const isKnown = (finding: Finding) => !book || known.has(nameOf(finding));
    const findings = await trying(() => lookFor(ports, kind, integrations, isKnown));
    if (findings) found.set(kind, findings);
  }
  const levels = [...found].flatMap(([kind, findings]) => levelOf(kind, findings, integrations));
  const due = isLast ? await trying(() => oldestDue(ports, integrations)) : [];
  telemetry.record([...levels, ...(due ?? [])]);
  if (!book) return [];
  const look = { findings: [...found.values()].flat(), kinds: new Set(found.keys()), book, ...times };
  return tellPeople({ ...notices, clock: ports.clock, newId: ports.newId }, look);
};
