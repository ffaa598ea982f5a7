import { Failure } from "../model/failure.ts";
import type { SyncItem, Verified } from "../model/sync.ts";
import { requireActive } from "../provisioning/attempts/require-integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { verifyGroup } from "./look-at-group.ts";
import { verifyUser } from "./look-at-user.ts";
import { membersShown } from "./members-shown.ts";
import { openReader, reading, requireVerifiable } from "./open-reader.ts";
import { type FoundObject, type Repaired, repairObject, stateOf } from "./repair-object.ts";

type Wanted = { repair?: boolean | undefined; acknowledgeManaged?: boolean | undefined };

/**
 * Read one user or group at the service provider, compare it with what is wanted, and send that again where it is asked for.
 * @throws Failure `not-found`, `acknowledgement-needed`, and of the provider where it cannot be read
 */
export const verifyObject = async (
  ports: Ports,
  call: Call,
  { integrationId, ...object }: FoundObject & { integrationId: string },
  wanted: Wanted,
): Promise<Verified> => {
  const integration = await requireActive(ports, integrationId);
  requireVerifiable(ports, integration, wanted);
  const context = { ports, call, integration };
  const { kind, id } = object;
  const links = kind === "user" ? ports.userLinks : ports.groupLinks;
  if (!(await links.read({ integrationId, id })))
    throw new Failure("not-found", `Integration ${integrationId} never held ${kind} ${id}.`);
  const since = new Date(ports.clock.now()).toISOString();
  const provider = await openReader(context);
  const areShown = membersShown(context, provider);
  const { findings, notShown } = await reading(context, `Reading the ${kind} ${id} failed`, () =>
    kind === "user" ? verifyUser(context, provider, id) : verifyGroup(context, { provider, areShown }, id),
  );
  const isToRepair = wanted.repair && findings.some(({ finding }) => finding !== "unknown");
  const repaired = isToRepair ? await repairObject(context, provider, object, since) : undefined;
  const { state } = await stateOf(context, object);
  return {
    findings: repaired ? findings.map((item) => afterRepair(item, repaired)) : findings,
    state,
    ...(notShown && { notShown }),
  };
};

/** What is nobody's here is never touched. */
export const afterRepair = (item: SyncItem, { state, kept, eventId, error }: Repaired): SyncItem => {
  if (item.finding === "unknown") return item;
  if (item.finding === "member-extra" && kept?.has(item.userId ?? "")) return { ...item, state: "held" };
  return { ...item, state, ...(eventId !== undefined && { eventId }), ...(error && { error }) };
};
