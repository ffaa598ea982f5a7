import type { Source } from "../../model/source.ts";
import type { Call, Ports } from "../../provisioning/ports/ports.ts";
import type { OwningPorts } from "../../sources/change-owned-user.ts";

export type ScimPorts = OwningPorts & Pick<Ports, "sources">;

/** One request of a source. */
export type Asking = {
  ports: ScimPorts;
  call: Call;
  source: Source;
  /** Ends in `/scim/v2`. */
  baseUrl: string;
  /** The header, which whatever is changed has to fit. */
  ifMatch?: string | undefined;
};

/** RFC 3339. */
export const nowOf = ({ ports }: Pick<Asking, "ports">): string => new Date(ports.clock.now()).toISOString();
