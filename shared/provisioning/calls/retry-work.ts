import { concurrently } from "../../common/concurrently.ts";
import type { RetryInput } from "../../model/inputs.ts";
import type { WaitingState } from "../../model/work.ts";
import { requireActive } from "../attempts/require-integration.ts";
import { changeStanding, withDue } from "../attempts/standing.ts";
import type { Call, Ports } from "../ports/ports.ts";
import type { WorkRef } from "../ports/work-index.ts";

/** More than so many are counted as so many, and looked at by their code in several calls. */
const mostCounted = 100_000;
const pageSize = 500;
const width = 8;
const maxTries = 10;

/**
 * Make what waits for a later time due now: all that is in one of the states, or those alone that have failed with `code`, or
 * that are named. How many. What waits as a whole is not written one by one.
 * @throws Failure `not-found`, `integration-not-active`
 */
export const retryWork = async (
  ports: Ports,
  call: Call,
  integrationId: string,
  { states = ["failed", "retrying", "unconfirmed"], code, userIds, groupIds }: RetryInput,
): Promise<{ due: number }> => {
  await requireActive(ports, integrationId);
  if (code === undefined && !userIds && !groupIds) return retryAll(ports, integrationId, states);
  const named = [...refsOf("user", integrationId, userIds), ...refsOf("group", integrationId, groupIds)];
  const isNamed = userIds !== undefined || groupIds !== undefined;
  const found = isNamed ? pagesOf(named) : waitingIn(ports, integrationId, states);
  let due = 0;
  for await (const page of found) {
    if (ports.clock.now() >= call.sendUntil) break;
    const made = await concurrently(page, width, (ref) => makeDue(ports, ref, { states, code }));
    due += made.filter(Boolean).length;
  }
  return { due };
};

const retryAll = async (
  ports: Ports,
  integrationId: string,
  states: WaitingState[],
): Promise<{ due: number }> => {
  const counts = await Promise.all(
    states.map((state) => ports.work.count(integrationId, state, mostCounted)),
  );
  const at = ports.clock.now();
  await changeStanding(ports, integrationId, (now) => ({
    ...withDue(now, states, at),
    // Who asks has seen to it that the provider is back.
    ...(now.quarantine && { quarantine: { ...now.quarantine, nextProbeAt: at } }),
  }));
  return { due: counts.reduce((sum, { users, groups }) => sum + users + groups, 0) };
};

type Ref = Pick<WorkRef, "kind" | "key">;

const refsOf = (kind: Ref["kind"], integrationId: string, ids: string[] = []): Ref[] =>
  ids.map((id) => ({ kind, key: { integrationId, id } }));

async function* pagesOf(refs: Ref[]) {
  for (let at = 0; at < refs.length; at += pageSize) yield refs.slice(at, at + pageSize);
}

/** What was made due leaves the later ones to be found by the next look; what has another code is passed over. */
async function* waitingIn(ports: Ports, integrationId: string, states: WaitingState[]) {
  const markedBefore = ports.clock.now();
  for (const state of states)
    for (const urgency of [0, 1] as const) {
      const limit = mostCounted;
      yield* pagesOf(await ports.work.waiting(integrationId, state, urgency, { markedBefore, limit }));
    }
}

const makeDue = async (
  ports: Ports,
  { kind, key }: Ref,
  { states, code }: Pick<RetryInput, "code"> & { states: WaitingState[] },
): Promise<boolean> => {
  const store = kind === "user" ? ports.userLinks : ports.groupLinks;
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const link = await store.read(key);
    const isMeant = link?.work && states.some((state) => state === link.work?.state);
    if (!link?.work || !isMeant) return false;
    if (code !== undefined && link.observed.lastError?.code !== code) return false;
    const now = ports.clock.now();
    if (await store.schedule(key, link.rev, { ...link.work, at: now, setAt: now })) return true;
    await ports.clock.sleep(5 * tries);
  }
  return false;
};
