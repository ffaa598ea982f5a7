import type { RemoteResource } from "../../model/attributes.ts";
import type { AttemptHistory } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import type { CreatedResource } from "../ports/service-provider.ts";
import { findAccepted, refuseWhileAccepted, withAccepted } from "./accepted-creation.ts";
import { asProviderFailure } from "./provider-failure.ts";
import { hidingKinds, mayRetryCreation } from "./retry-creation.ts";

/** The resource; with `after` a lookup has found it, after a POST that failed so. */
type Creation = { resource: CreatedResource; after?: ProviderFailure };

type Steps = {
  post(): Promise<CreatedResource>;
  /** The lookup after a POST that failed. */
  find(failure: ProviderFailure): Promise<RemoteResource | undefined>;
  /** Called with each failure of a POST, before the lookup. */
  onFailure(failure: ProviderFailure): void;
};

/**
 * POST, and after every answer that leaves the outcome open (a lost reply, a 5xx, a 409, a refusal that may hide a
 * duplicate) a lookup, since only that can tell whether the resource is there. Where it is not, and the provider was
 * unavailable, the POST is sent again after a wait. After a 202 there are several lookups, and no second POST for a
 * while; after a 429 none is sent here, since the client has repeated it already.
 * @throws ProviderFailure of the POST, or of a lookup that met a 401; what else the lookup throws, e.g. for several
 */
export const createOnce = async (
  { ports, sendUntil, observed }: { ports: Ports; sendUntil: number; observed: AttemptHistory },
  { post, find, onFailure }: Steps,
): Promise<Creation> => {
  for (let posts = 1; ; posts += 1) {
    try {
      refuseWhileAccepted(observed, ports.clock.now());
      return { resource: await post() };
    } catch (error) {
      const failure = asProviderFailure(error);
      onFailure(failure);
      if (!hidingKinds.has(failure.kind)) throw failure;
      const look = () => find(failure);
      const isAccepted = failure.kind === "accepted";
      const resource = await (isAccepted ? findAccepted(ports.clock, sendUntil, look) : look()).catch(
        (further: unknown) => {
          // What the creation met tells more, unless the secret was refused since.
          throw further instanceof ProviderFailure && further.kind !== "unauthorized" ? failure : further;
        },
      );
      if (resource) return { resource, after: failure };
      if (!(await mayRetryCreation(ports, failure, { posts, sendUntil }))) throw failure;
    }
  }
};

/** What is known after a POST that failed: under these names a resource may be there, or turn up. */
export const withFailedCreation = <N, O extends AttemptHistory & { uncertainCreation?: N }>(
  observed: O,
  { kind, maybeApplied }: ProviderFailure,
  names: N,
  now: number,
): O => {
  const known = maybeApplied ? { ...observed, uncertainCreation: names } : observed;
  if (kind === "accepted") return withAccepted(known, now);
  return maybeApplied ? { ...known, uncertainAt: new Date(now).toISOString() } : known;
};

/** For the event: how the resource was found after a POST that failed so. */
export const foundAfterNote = (
  noun: "account" | "group",
  { kind, maybeApplied }: ProviderFailure,
): string => {
  if (kind === "accepted")
    return `The provider accepted the creation and carried it out later; a lookup found the ${noun}.`;
  return maybeApplied
    ? `The provider's reply to the creation was lost or unreadable; a lookup found the ${noun}.`
    : `The provider refused the creation; a lookup found the ${noun}, which was there before.`;
};
