import { omit } from "../../shared/common/objects.ts";
import type { AttemptEntries } from "../../shared/memory/attempt-index.ts";
import { attemptWrites } from "../../shared/memory/attempts.ts";
import { copyOf, type Request } from "../../shared/memory/request.ts";
import type { Integration } from "../../shared/model/integration.ts";
import type { IntegrationRow, IntegrationStore } from "../../shared/provisioning/ports/integration-store.ts";
import type { OpenAttemptRef } from "../../shared/provisioning/ports/link-store.ts";

export type IntegrationItems = Map<string, IntegrationRow & { rev: number }>;

/** Integrations in memory; a lifecycle attempt lives in the row. */
export const memoryIntegrationStore = (
  { items, entries }: { items: IntegrationItems; entries: AttemptEntries },
  request: Request,
  now: () => number,
): IntegrationStore => {
  const attempts = attemptWrites(entries, now);
  const refOf = (id: string): OpenAttemptRef => ({ kind: "integration", key: { integrationId: id, id } });
  const ask = <T>(verb: string, apply: () => T): Promise<T> => request(`${verb} integration`, apply);

  return {
    read: (id) => ask("read", () => rowOf(items.get(id))),
    all: () => ask("list", () => [...items.values()].flatMap((item) => rowOf(item) ?? [])),

    current: () =>
      ask("list current", () =>
        [...items.values()].flatMap(({ integration }) =>
          integration && integration.status !== "deleted" ? [copyOf(integration)] : [],
        ),
      ),

    begin: (id, version, attempt) =>
      ask("begin", () => {
        const item = items.get(id) ?? { integrationId: id, rev: 0 };
        const isThere = version === 0 ? !items.has(id) : item.integration?.version === version;
        if (!isThere || item.attempt) return false;
        attempts.hold(item, refOf(id), attempt);
        items.set(id, item);
        return true;
      }),

    takeOver: (id, attemptId, leaseUntil, moment) =>
      ask("take over", () =>
        attempts.takeOver(items.get(id), refOf(id), { attemptId, leaseUntil, at: moment }),
      ),
    mark: (id, attempt) => ask("mark", () => attempts.mark(items.get(id), refOf(id), attempt)),
    abandon: (id, attempt) => ask("abandon", () => attempts.abandon(items.get(id), refOf(id), attempt)),

    settle: (id, attempt, integration) =>
      ask("settle", () => {
        const item = items.get(id);
        if (!item || !attempts.isHeld(item, attempt)) return false;
        attempts.end(item, refOf(id));
        const standing = item.integration?.standing;
        const settled = integration && withRefusal(integration, item.integration);
        if (settled)
          item.integration = copyOf({ ...omit(settled, "standing"), ...(standing && { standing }) });
        else if (!item.integration) items.delete(id);
        return true;
      }),

    requireReauth: (id, failedSecretVersionId, at) =>
      ask("require reauth of", () => {
        const item = items.get(id);
        const row = item?.integration;
        if (!item || row?.secretVersionId !== failedSecretVersionId || row.status !== "active") return;
        item.integration = { ...row, status: "needs_reauth", updatedAt: at, version: row.version + 1 };
        item.rev += 1;
      }),

    noteStanding: (id, standing, healed) =>
      ask("note standing of", () => {
        const item = items.get(id);
        const row = item?.integration;
        if (!item || !row || (row.standing?.rev ?? 0) !== standing.rev) return false;
        const isRefused = row.status === "needs_reauth" && row.secretVersionId === healed?.secretVersionId;
        if (healed && !isRefused) return false;
        const active = healed && {
          status: "active" as const,
          updatedAt: healed.at,
          version: row.version + 1,
        };
        item.integration = copyOf({ ...row, ...active, standing: { ...standing, rev: standing.rev + 1 } });
        return true;
      }),
  };
};

const rowOf = (item: (IntegrationRow & { rev: number }) | undefined): IntegrationRow | undefined => {
  if (!item) return undefined;
  const { rev: _, ...row } = item;
  return copyOf(row);
};

/** A 401 met while the attempt was under way counts still, unless the attempt brings another secret. */
const withRefusal = (next: Integration, before: Integration | undefined): Integration => {
  const isRefused =
    next.status === "active" &&
    before?.status === "needs_reauth" &&
    before.secretVersionId === next.secretVersionId;
  if (!isRefused) return next;
  return { ...next, status: "needs_reauth", version: Math.max(next.version, before.version + 1) };
};
