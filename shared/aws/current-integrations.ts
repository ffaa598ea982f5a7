import type { Integration } from "../model/integration.ts";
import type { Standing } from "../model/standing.ts";
import { readBatches } from "./table/batches.ts";
import {
  allIntegrations,
  integrationKey,
  integrationListing,
  type Key,
  listedIntegrations,
} from "./table/keys.ts";
import { createStateTable, type StateTable, type TableAccess, takeFrom } from "./table/state-table.ts";

type Row = { integrationId: string; integration?: Integration; standing?: Standing; listPk?: string };

/**
 * What an update of a row has to do so that the row is in the index while its integration is not deleted, and only
 * then.
 */
export const listingChange = ({ integrationId, status }: Pick<Integration, "integrationId" | "status">) =>
  status === "deleted"
    ? { set: "", remove: ", #listPk, #listSk", values: {} }
    : {
        set: ", #listPk = :listPk, #listSk = :listSk",
        remove: "",
        values: integrationListing(integrationId),
      };

/**
 * The integrations that are not deleted, by an index of them alone, since deleted ones stay for ever. It lags behind.
 * Rows that were written before there was the index are put into it by the first call of a process.
 */
export const currentIntegrations = (access: TableAccess): (() => Promise<Integration[]>) => {
  const table = createStateTable(access);
  let isListed = false;
  return async () => {
    if (!isListed) await listOldRows(table);
    isListed = true;
    return readListed(access, { ConsistentRead: true });
  };
};

/** The same by reads alone, at half the cost: the rows may lag behind, too, and old ones are missing until they are listed. */
export const readCurrentIntegrations = (access: TableAccess): Promise<Integration[]> =>
  readListed(access, {});

const readListed = async (
  access: TableAccess,
  consistency: { ConsistentRead?: true },
): Promise<Integration[]> => {
  const table = createStateTable(access);
  const keys = await takeFrom(table.pages<Key>(listedIntegrations, { index: "byListing" }));
  const rows = await readBatches<Row>(
    access,
    keys.map(({ pk, sk }) => ({ pk, sk })),
    consistency,
  );
  return rows.flatMap(({ integration, standing }) =>
    integration && integration.status !== "deleted"
      ? [{ ...integration, ...(standing && { standing }) }]
      : [],
  );
};

const listOldRows = async (table: StateTable): Promise<void> => {
  for await (const page of table.pages<Row>(allIntegrations)) {
    for (const { integrationId, integration, listPk } of page) {
      if (listPk !== undefined || !integration || integration.status === "deleted") continue;
      const { set, values } = listingChange(integration);
      const when = "attribute_not_exists(#listPk) AND #integration.#status <> :deleted";
      await table.write(integrationKey(integrationId), `SET ${set.slice(2)}`, {
        when,
        values: { ...values, deleted: "deleted" },
      });
    }
  }
};
