import type { AttemptHistory } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import { isFresh, type Whereabouts, waitUntilShown } from "./fresh-creation.ts";

type Looks = {
  /** By its id. */
  read(): Promise<unknown>;
  /** By its name, where that is known: whether it is there under another id. */
  isElsewhere(): Promise<boolean>;
  /** Its id is known to be 404. */
  isRead?: boolean | undefined;
};

/**
 * Where a resource is that was answered 404, or whose deletion was answered 500. It is asked for by its id and then by
 * its name: an address that is wrong for a while, or a proxy, answers 404 to any id, and only a list shows that the
 * provider itself was asked. Until `sendUntil` (Unix ms) it is waited for a resource that was created a moment ago.
 * @throws ProviderFailure `unauthorized` alone: that has to stop the integration
 */
export const locateRemote = async (
  { ports: { clock }, sendUntil = 0 }: { ports: Ports; sendUntil?: number | undefined },
  observed: AttemptHistory,
  { read, isElsewhere, isRead = false }: Looks,
): Promise<Whereabouts> => {
  try {
    if (!isRead && (await read())) return "there";
    if (await waitUntilShown(observed, { clock, sendUntil }, read)) return "late";
    const unshown = isFresh(observed, clock.now()) ? "unknown" : "gone";
    return (await isElsewhere()) ? "elsewhere" : unshown;
  } catch (error) {
    if (!(error instanceof ProviderFailure) || error.kind === "unauthorized") throw error;
    return error.kind === "unavailable" || error.kind === "out-of-time" ? "silent" : "unknown";
  }
};
