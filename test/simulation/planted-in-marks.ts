import type { AttemptHistory } from "../../shared/model/link.ts";
import type { LinkStore } from "../../shared/provisioning/ports/link-store.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import type { Defect } from "./world.ts";

/** Faults of the automatic work, planted in the marks that it lives by. */
const withLinks =
  (
    change: <A, O extends AttemptHistory>(store: LinkStore<A, O>, ports: Ports) => Partial<LinkStore<A, O>>,
  ): Defect =>
  (ports) => ({
    ...ports,
    userLinks: { ...ports.userLinks, ...change(ports.userLinks, ports) },
    groupLinks: { ...ports.groupLinks, ...change(ports.groupLinks, ports) },
  });

/** A change whose record of the stream is lost is found by nobody. */
export const sweepsNoChanges: Defect = (ports) => ({
  ...ports,
  work: { ...ports.work, changed: async () => [] },
});

/** The mark goes with an attempt, although something came to be done meanwhile. */
export const forgetsWhatCameMeanwhile = withLinks((store) => ({
  settle: (key, attempt, observed, then) => store.settle(key, attempt, observed, then && { work: then.work }),
}));

/** What is due already is not marked again, so that one who works on it is not told of the change. */
export const marksOnce = withLinks((store, { clock }) => ({
  async schedule(key, rev, work) {
    const link = await store.read(key);
    const isDue = link?.work?.state === "pending" && link.work.at <= clock.now();
    return work && isDue ? true : store.schedule(key, rev, work);
  },
}));

/** What a call has asked for is not found where the call dies. */
export const marksNoAssignment = withLinks((store) => ({
  assign: (key, rev, assignment) => store.assign(key, rev, assignment),
}));
