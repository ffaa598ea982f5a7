import { itemKey, type LinkItems, memoryLinkStore } from "../memory/link-store.ts";
import { atOnce } from "../memory/request.ts";
import type { AttemptHistory, Link } from "../model/link.ts";
import type { LinkKey, LinkStore } from "../provisioning/ports/link-store.ts";
import { loadOnce } from "./load-once.ts";

/** Links of one kind as they are, and as they would be. Lists are those of the real store. */
export const rehearsedLinks = <A, O extends AttemptHistory>(
  kind: "user" | "group",
  real: LinkStore<A, O>,
  now: () => number,
) => {
  const items: LinkItems<A, O> = new Map();
  const books = { items, entries: [], listed: new Map(), resting: new Map() };
  const own = memoryLinkStore<A, O>(kind, books, atOnce, { now });
  const loads = loadOnce();
  const before = new Map<string, number>();
  const keep = (link: Link<A, O> | undefined): void => {
    if (!link) return;
    items.set(itemKey(link), link);
    before.set(itemKey(link), link.rev);
  };
  const load = (key: LinkKey) => loads.one(itemKey(key), async () => keep(await real.read(key)));
  const after =
    <R extends unknown[], T>(act: (key: LinkKey, ...rest: R) => Promise<T>) =>
    async (key: LinkKey, ...rest: R): Promise<T> => {
      await load(key);
      return act(key, ...rest);
    };
  const store: LinkStore<A, O> = {
    list: real.list,
    async ofObject(id) {
      await loads.one(`all of ${id}`, async () => {
        for (const link of await real.ofObject(id)) if (loads.note(itemKey(link))) keep(link);
      });
      return own.ofObject(id);
    },
    read: after(own.read),
    assign: after(own.assign),
    begin: after(own.begin),
    takeOver: after(own.takeOver),
    mark: after(own.mark),
    settle: after(own.settle),
    nudge: after(own.nudge),
    abandon: after(own.abandon),
    note: after(own.note),
    schedule: after(own.schedule),
  };
  return {
    store,
    /** The link as it was just read, unless it is known. */
    note(key: LinkKey, link: Link<A, O> | undefined): void {
      if (loads.note(itemKey(key))) keep(link);
    },
    all: (): Link<A, O>[] => [...items.values()],
    /** Those that something would have been written to. */
    written: (): Link<A, O>[] => [...items.values()].filter((link) => link.rev !== before.get(itemKey(link))),
  };
};
