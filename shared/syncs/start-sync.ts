import { startJob } from "../jobs/start-job.ts";
import { checkMappings } from "../mapping/check-mappings.ts";
import { Failure } from "../model/failure.ts";
import type { JsonObject } from "../model/json.ts";
import { toJson } from "../model/json.ts";
import type { SyncInput, SyncView } from "../model/sync.ts";
import { requireSendable } from "../provisioning/attempts/is-sendable.ts";
import { requireActive } from "../provisioning/attempts/require-integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { requireVerifiable } from "../verification/open-reader.ts";
import { toSyncView } from "./sync-view.ts";

/**
 * Begin a sync of an integration, which goes on by itself.
 * @throws Failure `not-found`, `integration-not-active`, `invalid-input`, `job-in-progress`, `acknowledgement-needed`
 */
export const startSync = async (
  ports: Ports,
  call: Call,
  integrationId: string,
  input: SyncInput,
): Promise<SyncView> => {
  const integration = await requireActive(ports, integrationId);
  requireFitting(input);
  if (input.mode === "apply") requireSendable(integration, { call });
  if (input.mode === "verify") requireVerifiable(ports, integration, input);
  if (input.whatIf?.bind !== undefined) await requireGroup(ports, input.whatIf.bind);
  const wanted = { integrationId, kind: "sync" as const, input: toJson(input) as JsonObject };
  return toSyncView(await startJob(ports, call, wanted));
};

/** What belongs to one mode says nothing to another, and was not meant so. Mappings are those that an integration could have. */
const requireFitting = ({ mode, repair, acknowledgeManaged, whatIf }: SyncInput): void => {
  const errors = [
    ...checkMappings(whatIf?.attributeMappings ?? []).map(({ path, message }) => ({
      path: `whatIf.${path}`,
      message,
    })),
    ...(whatIf !== undefined && mode !== "plan"
      ? [{ path: "whatIf", message: "is of mode plan alone" }]
      : []),
    ...(repair !== undefined && mode !== "verify"
      ? [{ path: "repair", message: "is of mode verify alone" }]
      : []),
    ...(acknowledgeManaged !== undefined && mode !== "verify"
      ? [{ path: "acknowledgeManaged", message: "is of mode verify alone" }]
      : []),
  ];
  if (errors.length > 0)
    throw new Failure("invalid-input", `This does not fit a sync of mode ${mode}.`, { errors });
};

const requireGroup = async ({ groups }: Ports, groupId: string): Promise<void> => {
  const saved = await groups.read(groupId);
  if (!saved || saved.deleted) throw new Failure("not-found", `The directory has no group ${groupId}.`);
};
