import type { AttributeMapping } from "../model/integration.ts";
import { ownRows } from "./own-rows.ts";
import { enterpriseUrn } from "./scim-user-schema.ts";

/** The attribute that takes the provider's own id of the manager (RFC 7643 §4.3). */
export const managerTarget = `${enterpriseUrn}:manager.value`;

/** Whether a mapping with these rows sends the account of the user's manager, once there is one. */
export const sendsManager = (rows: readonly AttributeMapping[]): boolean => {
  const own = ownRows(rows).replacements.get(managerTarget);
  return own === undefined || ("source" in own && own.source === "manager");
};
