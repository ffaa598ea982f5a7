import { comparableName } from "../common/names.ts";
import { asText, readKey } from "../mapping/remote-attributes.ts";
import { Failure } from "../model/failure.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { Context, Ports } from "../provisioning/ports/ports.ts";
import { openReader, reading } from "../verification/open-reader.ts";

/** Fewer creations are looked up one by one. */
const fewest = 50;
/** Of a longer list the look-ups are less to read, or not much more. */
const mostPages = 100;
/** So many look-ups have to say the same before the list is believed: it may hide somebody. */
const fewestConfirmed = 10;
/** So long a list stands for what is there. */
const goodForMs = 10 * 60_000;
/** Jobs whose lists are kept. */
const mostKept = 4;

/** What the provider's whole list says of names. */
export type ListedNames = {
  /** Unix ms. */
  readAt: number;
  /**
   * Whether nobody is called so there, by a list that look-ups have confirmed. It says nothing to who asks again: that is
   * where a creation was refused, or is in doubt.
   */
  lacks(userName: string): boolean;
  /** What a look-up has said. Where it finds somebody whom the list does not show, the list is not believed any more. */
  noteLookUp(userName: string, isFound: boolean): void;
};

/**
 * The lists of the jobs that this process carries on. Each is read once, in place of a look-up for each account that is to be
 * made, and anew when it is old, or by another process.
 */
export const keepListedNames = () => {
  const kept = new Map<string, { readAt: number; names: ListedNames | undefined }>();
  return {
    /** Undefined where look-ups it has to be: few are made, or the list is long, cannot be read, or is not whole. */
    async of(context: Context, job: IntegrationJob): Promise<ListedNames | undefined> {
      const now = context.ports.clock.now();
      const known = kept.get(job.jobId);
      if (known && now - known.readAt < goodForMs) return known.names;
      const names = await readNames(context, creationsLeft(job));
      kept.delete(job.jobId);
      kept.set(job.jobId, { readAt: now, names: names && confirmedByLookUps(names, now) });
      for (const jobId of [...kept.keys()].slice(0, -mostKept)) kept.delete(jobId);
      return kept.get(job.jobId)?.names;
    },
  };
};

const creationsLeft = ({ counts }: IntegrationJob): number => {
  const { created = 0, applied = 0, stale = 0, failed = 0 } = counts;
  return created - applied - stale - failed;
};

const readNames = async (context: Context, creations: number): Promise<Set<string> | undefined> => {
  const { readsMarkManaged, userFilter } = context.ports.profileOf(context.integration);
  if (creations < fewest || readsMarkManaged || userFilter !== "userName") return undefined;
  try {
    return await reading(context, "Reading the accounts failed", () =>
      readList(context, Math.min(mostPages, creations / 2)),
    );
  } catch (error) {
    // Whatever it is, it is told of the objects that meet it.
    if (error instanceof Failure) return undefined;
    throw error;
  }
};

/** All names, if the list tells all of them and how many there are. */
const readList = async (context: Context, most: number): Promise<Set<string> | undefined> => {
  const provider = await openReader(context);
  const names = new Set<string>();
  const ids = new Set<string>();
  let page = await provider.userPage();
  for (let pages = 1; ; pages += 1) {
    const { items, total = Number.POSITIVE_INFINITY, next } = page;
    for (const { id, resource } of items) {
      ids.add(id);
      const name = asText(readKey(resource, "userName"));
      if (name === "") return undefined;
      names.add(comparableName(name));
    }
    if (!next) return ids.size === total ? names : undefined;
    const pagesLeft = (total - ids.size) / Math.max(1, items.length);
    if (pages + pagesLeft > most) return undefined;
    page = await provider.userPage(next);
  }
};

const confirmedByLookUps = (names: Set<string>, readAt: number): ListedNames => {
  const asked = new Set<string>();
  let confirmed = 0;
  let isDoubted = false;
  return {
    readAt,
    lacks(userName) {
      const name = comparableName(userName);
      const isFirst = !asked.has(name);
      asked.add(name);
      return isFirst && !isDoubted && confirmed >= fewestConfirmed && !names.has(name);
    },
    noteLookUp(userName, isFound) {
      if (names.has(comparableName(userName))) return;
      isDoubted ||= isFound;
      confirmed += 1;
    },
  };
};

/** The same ports, whose look-ups of users are answered by the list where that says that there is nobody. */
export const withListedNames = (ports: Ports, names: ListedNames): Ports => {
  const openProvider: Ports["openProvider"] = (...opened) => {
    const provider = ports.openProvider(...opened);
    const findUsers: typeof provider.findUsers = async (userName, externalId) => {
      if (names.lacks(userName)) return [];
      const found = await provider.findUsers(userName, externalId);
      names.noteLookUp(userName, found.length > 0);
      return found;
    };
    return Object.create(provider, { findUsers: { value: findUsers } });
  };
  return Object.create(ports, { openProvider: { value: openProvider } });
};
