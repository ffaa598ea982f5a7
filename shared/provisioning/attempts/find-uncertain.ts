import type { RemoteResource } from "../../model/attributes.ts";
import type { AttemptHistory, Link } from "../../model/link.ts";
import type { Claim } from "../ports/link-store.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { findAccepted } from "./accepted-creation.ts";
import { claimRemote } from "./claim-remote.ts";

/**
 * A creation was sent and nobody knows what became of it: look for the resource and claim it. Undefined where none is
 * there, or where it is another's. What `find` throws goes up.
 */
export const findUncertain = async <A, O extends AttemptHistory>(
  context: IntegrationContext & { link: Link<A, O>; sendUntil: number },
  kind: Claim["kind"],
  find: () => Promise<RemoteResource | undefined>,
): Promise<RemoteResource | undefined> => {
  const { ports, link, sendUntil } = context;
  const isAccepted = link.observed.acceptedAt !== undefined;
  const resource = await (isAccepted ? findAccepted(ports.clock, sendUntil, find) : find());
  if (!resource) return undefined;
  return (await claimRemote(context, kind, link, resource.id)).ownerId === link.id ? resource : undefined;
};
