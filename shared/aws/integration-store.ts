import { isDeepStrictEqual } from "node:util";
import { omit } from "../common/objects.ts";
import type { Integration } from "../model/integration.ts";
import type { Standing } from "../model/standing.ts";
import type {
  IntegrationRow,
  IntegrationStore,
  LifecycleAttempt,
} from "../provisioning/ports/integration-store.ts";
import type { Held } from "../provisioning/ports/link-store.ts";
import { currentIntegrations, listingChange } from "./current-integrations.ts";
import { createAttemptWrites, endAttempt } from "./links/attempt-writes.ts";
import { fromItem } from "./table/dynamodb-client.ts";
import { marshalled } from "./table/expressions.ts";
import { allIntegrations, integrationKey } from "./table/keys.ts";
import { createStateTable, type StateTable, type TableAccess, takeFrom } from "./table/state-table.ts";

export type RowItem = {
  integrationId: string;
  integration?: Integration;
  standing?: Standing;
  attempt?: LifecycleAttempt;
  settledAttempt?: string;
};

/**
 * Integrations, all in one partition, as there are few. A lifecycle attempt lives in the row, so that beginning and
 * ending it are one conditional write. Errors are Failures: `store-unavailable`, `invalid-input` (too large).
 */
export const createIntegrationStore = (access: TableAccess): IntegrationStore => {
  const table = createStateTable(access);
  const attempts = createAttemptWrites(table);

  return {
    async read(integrationId) {
      const item = await table.get<RowItem>(integrationKey(integrationId));
      return item && toRow(item);
    },

    async all() {
      return (await takeFrom(table.pages<RowItem>(allIntegrations))).map(toRow);
    },

    current: currentIntegrations(access),

    begin(integrationId, version, attempt) {
      const unmoved =
        version === 0
          ? { when: "attribute_not_exists(#pk)" }
          : { when: "#integration.#version = :version", values: { version } };
      return attempts.begin(integrationKey(integrationId), unmoved, attempt, { integrationId });
    },

    takeOver: (integrationId, attemptId, leaseUntil, now) =>
      attempts.takeOver(integrationKey(integrationId), attemptId, leaseUntil, now),
    mark: (integrationId, attempt) => attempts.mark(integrationKey(integrationId), attempt),
    abandon: (integrationId, attempt) => attempts.abandon(integrationKey(integrationId), attempt),

    settle: (integrationId, attempt, integration) =>
      integration
        ? settleAs(table, integrationId, attempt, integration)
        : settleUnchanged(table, integrationId, attempt),

    async requireReauth(integrationId, failedSecretVersionId, at) {
      const set = "#integration.#status = :needs, #integration.#updatedAt = :at";
      const change = `SET ${set} ADD #integration.#version :one, #rev :one`;
      const when = "#integration.#secretVersionId = :secret AND #integration.#status = :active";
      const values = { needs: "needs_reauth", at, one: 1, secret: failedSecretVersionId, active: "active" };
      await table.write(integrationKey(integrationId), change, { when, values });
    },

    async noteStanding(integrationId, standing, healed) {
      const { rev } = standing;
      const set = "SET #standing = :standing";
      const heal = healed ? ", #integration.#status = :active, #integration.#updatedAt = :at" : "";
      const add = healed ? " ADD #integration.#version :one" : "";
      const unmoved = rev === 0 ? "attribute_not_exists(#standing)" : "#standing.#rev = :rev";
      const refused = healed
        ? "#integration.#status = :needs AND #integration.#secretVersionId = :secret"
        : "attribute_exists(#integration)";
      const values = {
        standing: { ...standing, rev: rev + 1 },
        ...(rev > 0 && { rev }),
        ...(healed && {
          active: "active",
          at: healed.at,
          one: 1,
          needs: "needs_reauth",
          secret: healed.secretVersionId,
        }),
      };
      const when = `${unmoved} AND ${refused}`;
      return await table.write(integrationKey(integrationId), `${set}${heal}${add}`, { when, values });
    },
  };
};

const settleAs = async (
  table: StateTable,
  integrationId: string,
  attempt: Held,
  settled: Integration,
): Promise<boolean> => {
  const integration = omit(settled, "standing");
  const { attemptId } = attempt.intent;
  const key = integrationKey(integrationId);
  const listing = listingChange(integration);
  const set = `#integration = :integration, ${endAttempt.set}${listing.set}`;
  const change = `SET ${set} REMOVE ${endAttempt.remove}${listing.remove} ADD #rev :one`;
  // A 401 met while the attempt was under way counts still, unless the attempt brings another secret.
  const sound =
    "(attribute_not_exists(#integration) OR #integration.#status <> :needs OR #integration.#secretVersionId <> :secret)";
  const refusals = { needs: "needs_reauth", secret: integration.secretVersionId };
  const values = { integration, ...endAttempt.values(attempt), one: 1, ...listing.values };
  const [when, extra] =
    integration.status === "active" ? [`${endAttempt.when} AND ${sound}`, refusals] : [endAttempt.when, {}];
  if (await table.write(key, change, { when, values: { ...values, ...extra } })) return true;

  const item = await table.get<RowItem>(key);
  // The write may be refused because its first try settled the attempt and the reply was lost.
  if (item?.attempt?.intent.attemptId !== attemptId || item.attempt.leaseUntil > attempt.leaseUntil)
    return (
      item?.settledAttempt === attemptId &&
      isDeepStrictEqual(item.integration, fromItem(marshalled(integration)))
    );
  const version = Math.max(integration.version, (item.integration?.version ?? 0) + 1);
  return await settleAs(table, integrationId, attempt, { ...integration, status: "needs_reauth", version });
};

/** The row stays as it was; a row that never held an integration is deleted. */
const settleUnchanged = async (table: StateTable, integrationId: string, attempt: Held): Promise<boolean> => {
  const key = integrationKey(integrationId);
  const change = `SET ${endAttempt.set} REMOVE ${endAttempt.remove} ADD #rev :one`;
  const when = `${endAttempt.when} AND attribute_exists(#integration)`;
  const held = endAttempt.values(attempt);
  if (await table.write(key, change, { when, values: { ...held, one: 1 } })) return true;
  const activation = `${endAttempt.when} AND attribute_not_exists(#integration)`;
  return await table.remove(key, { when: activation, values: held });
};

export const toRow = ({ integrationId, integration, standing, attempt }: RowItem): IntegrationRow => ({
  integrationId,
  ...(integration ? { integration: { ...integration, ...(standing && { standing }) } } : {}),
  ...(attempt ? { attempt } : {}),
});
