/**
 * The names of lists in their cursors, which hold the id of a row after it, or its place in an index. So a reader of a page
 * can end it after any of its rows.
 */
export const usersList = (email?: string): string =>
  email === undefined ? "users" : `users of ${email.toLowerCase()}`;
export const groupsList = "groups";
export const linksList = (kind: "user" | "group", integrationId: string): string =>
  `${kind}@${integrationId}`;
export const membersList = (groupId: string): string => `members of ${groupId}`;
export const holdsList = (integrationId: string): string => `holds of ${integrationId}`;
export const heldItemsList = (holdId: string): string => `items of ${holdId}`;
export const waitingList = (of: { integrationId: string; kind: "user" | "group"; state: string }): string =>
  `${of.state} ${of.kind}@${of.integrationId}`;
export const jobsList = (integrationId: string, kind: string): string => `${kind} jobs of ${integrationId}`;
export const jobItemsList = (jobId: string): string => `items of job ${jobId}`;
export const accountsList = (scanId: string, filter = "all"): string => `accounts of ${scanId}, ${filter}`;
export const ownedList = (sourceId: string, kind: "user" | "group"): string =>
  `${kind}s of source ${sourceId}`;
export const conflictsList = (sourceId: string): string => `conflicts of source ${sourceId}`;
export const sourcesList = "sources";
