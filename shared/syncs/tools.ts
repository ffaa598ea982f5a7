import type { Call, Ports } from "../provisioning/ports/ports.ts";
import type { Rehearse } from "../rehearsal/rehearse.ts";

/** What a sync needs: the stores and the provider, a way to rehearse, and on behalf of whom. */
export type SyncTools = { ports: Ports; rehearse: Rehearse; call: Call };
