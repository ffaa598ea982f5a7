import { changeDirectoryGroup, requireKnown } from "../../shared/directory/change-directory-group.ts";
import { changeDirectoryUser } from "../../shared/directory/change-directory-user.ts";
import { patchUser, saveUser } from "../../shared/directory/save-user.ts";
import { reauthIntegration } from "../../shared/integrations/reauth-integration.ts";
import { updateIntegration } from "../../shared/integrations/update-integration.ts";
import { eventIdsOf, Failure } from "../../shared/model/failure.ts";
import type { LeaverReceipt } from "../../shared/model/receipt.ts";
import { requireActive } from "../../shared/provisioning/attempts/require-integration.ts";
import { changeGroupMembers } from "../../shared/provisioning/calls/change-group-members.ts";
import { deleteUser } from "../../shared/provisioning/calls/delete-user.ts";
import { deprovisionUser } from "../../shared/provisioning/calls/deprovision-user.ts";
import { lockUser, unlockUser } from "../../shared/provisioning/calls/lock-user.ts";
import { provisionGroup } from "../../shared/provisioning/calls/provision-group.ts";
import { provisionUser } from "../../shared/provisioning/calls/provision-user.ts";
import { recoverAttempts } from "../../shared/provisioning/calls/recover-attempts.ts";
import { unbindGroup } from "../../shared/provisioning/calls/unbind-group.ts";
import type { Call, Ports } from "../../shared/provisioning/ports/ports.ts";
import { reconcileUser } from "../../shared/provisioning/users/reconcile-user.ts";
import { callers } from "./caller.ts";
import { decide } from "./decide.ts";
import type { Step } from "./model.ts";
import type { PlannedCall } from "./plan.ts";
import type { World } from "./world.ts";

/** What a step came to. */
export type Came = { failure?: Failure; state?: string; died?: true; told: string };

/** How it is carried out: where, and what it meets. */
export type How = Omit<PlannedCall, "what">;

/** A Lambda is stopped after so long; so is a process that still works on a call then. */
const longestMs = 29_000;

/** Carry a step out as its HTTP call would, and note the events that it told. */
export const perform = async (world: World, step: Step, how: How): Promise<Came> => {
  if (step.do === "pass" && world.workers) return letPass(world, step.seconds);
  const process = world.processAt(how.process);
  const { call, caller } = world.begin(step.do, how);
  world.told.set(caller.id, { eventIds: [], isWhole: false });
  let isOver = false;
  world.scheduler.after(longestMs, process, () => {
    if (!isOver) process.die();
  });
  try {
    const work = callers.run(caller, () => useCase(world, process.ports, call, step));
    const result = await Promise.race([work, process.death]);
    if (result === "died") return { died: true, told: `${caller.id}: the process died` };
    const { eventIds = [], state } = result;
    const isLifecycle = step.do === "reauth" || step.do === "remap" || step.do === "decide";
    // A leaver's receipt of a failure, or of another call at work, names as much as a problem document would.
    const isCutShort = /^(leave|lock|unlock)$/.test(step.do) && /failed|pending/.test(String(state));
    world.told.set(caller.id, { eventIds, isWhole: !isLifecycle && !isCutShort });
    return { ...(state && { state }), told: `${caller.id}: ${state ?? "ok"} (${eventIds.length} events)` };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    world.told.set(caller.id, { eventIds: eventIdsOf(error), isWhole: false });
    return { failure: error, told: `${caller.id}: ${error.code}: ${error.detail}` };
  } finally {
    isOver = true;
  }
};

/** The workers go on meanwhile. */
const letPass = async ({ scheduler }: World, seconds: number): Promise<Came> => {
  await scheduler.sleep(seconds * 1000, { name: "nobody", isAlive: true });
  return { told: `${seconds} s later` };
};

type Told = { eventIds?: string[]; state?: string };

const useCase = async (world: World, ports: Ports, call: Call, step: Step): Promise<Told> => {
  const { integrationId, userId, groupId } = world;
  switch (step.do) {
    case "save":
      await saveUser({ ports, call }, userId(step.user), step.body);
      return {};
    case "patch":
      await patchUser({ ports, call }, userId(step.user), () => step.body);
      return {};
    case "assign":
      return provisionUser(ports, call, { integrationId, userId: userId(step.user) }, step.body);
    case "unassign":
      return deprovisionUser(
        ports,
        call,
        { integrationId, userId: userId(step.user) },
        { action: step.action },
      );
    case "reconcile":
      return reconcileUser(
        { ports, call, integration: await requireActive(ports, integrationId) },
        userId(step.user),
      );
    case "gone":
      await changeDirectoryUser({ ports, call }, userId(step.user), (before) =>
        before && !before.deleted ? { user: before.user, deleted: true, lock: before.lock } : undefined,
      );
      return {};
    case "leave":
      return toldOf(await deleteUser(ports, call, userId(step.user)));
    case "lock":
      return toldOf(await lockUser(ports, call, userId(step.user), "simulation"));
    case "unlock":
      return toldOf(await unlockUser(ports, call, userId(step.user)));
    case "decide":
      return { state: await decide({ ports, call }, integrationId, step) };
    case "bind": {
      const members = step.members?.map(userId);
      const input = { name: step.name, ...(members && { members }) };
      return provisionGroup(ports, call, { integrationId, groupId: groupId(step.group) }, input);
    }
    case "change": {
      const input = { add: step.add.map(userId), remove: step.remove.map(userId) };
      return changeGroupMembers(ports, call, { integrationId, groupId: groupId(step.group) }, input);
    }
    case "members":
    case "rename":
      await changeGroup(world, { ports, call }, step);
      return {};
    case "unbind":
      return unbindGroup(
        ports,
        call,
        { integrationId, groupId: groupId(step.group) },
        { action: step.action },
      );
    case "remap": {
      const attributeMappings = step.title === undefined ? [] : [{ target: "title", constant: step.title }];
      await updateIntegration(ports, call, { integrationId }, { attributeMappings, test: { mode: "read" } });
      return {};
    }
    case "reauth":
      return reauth(world, ports, call, step.isRight);
    case "rotate":
      rotate(world);
      return {};
    case "recover":
      return await recover(ports, call);
    case "pass":
      world.scheduler.skip(step.seconds * 1000);
      return {};
  }
};

const toldOf = ({ receipts }: LeaverReceipt): Told => ({
  eventIds: receipts.flatMap(({ eventIds }) => eventIds),
  state: receipts.map((one) => one.state).join(),
});

const changeGroup = async (
  { userId, groupId }: World,
  asking: { ports: Ports; call: Call },
  step: Extract<Step, { do: "members" | "rename" }>,
): Promise<void> => {
  const [add, remove] = step.do === "members" ? [step.add.map(userId), step.remove.map(userId)] : [[], []];
  await requireKnown(asking.ports, add);
  await changeDirectoryGroup(asking, groupId(step.group), async (base) => {
    const name = step.do === "rename" ? step.name : base?.name;
    return base && name !== undefined ? { name, add, remove } : undefined;
  });
};

const recover = async (ports: Ports, call: Call): Promise<Told> => {
  const { settled, failures } = await recoverAttempts(ports, { until: call.answerUntil });
  const unexpected = failures.find((failure) => !(failure instanceof Failure));
  if (unexpected) throw unexpected;
  return { state: `${settled} settled, ${failures.length} failed` };
};

const rotate = ({ provider, secrets }: World): void => {
  const token = `rotated-${secrets.size}-${"x".repeat(16)}`;
  secrets.add(token);
  provider.token = token;
};

const reauth = async (
  { provider, integrationId, secrets }: World,
  ports: Ports,
  call: Call,
  isRight: boolean,
): Promise<Told> => {
  const clientSecret = isRight ? provider.token : "a-token-that-is-wrong-for-sure";
  secrets.add(clientSecret);
  const input = { credentials: { type: "bearer" as const, clientSecret }, test: { mode: "read" as const } };
  await reauthIntegration(ports, call, { integrationId }, input);
  return {};
};
