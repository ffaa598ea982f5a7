import { createHash } from "node:crypto";
import { remoteAttributes } from "../mapping/remote-attributes.ts";
import { accountPaths } from "../mapping/unmap-account.ts";
import type { Attributes, RemoteResource } from "../model/attributes.ts";
import type { AccountStatus } from "../model/import.ts";
import type { Integration } from "../model/integration.ts";
import type { JobItem } from "../model/integration-job.ts";
import type { JsonObject } from "../model/json.ts";

/** An account as it was read: by path, as far as the mapping knows it. `tooLong`: paths whose values were not kept. */
export type Account = { remoteId: string; shown: Attributes; tooLong?: string[] };

/** Whose an account is, or may be. */
export type Match = { status: AccountStatus; userIds: string[] };

/** An account of a scan. `importedBy`: the job that has taken it over since. */
export type ScannedAccount = Account & {
  status: AccountStatus;
  userId?: string;
  /** The page that has shown it. */
  page: string;
  importedBy?: string;
};

/** A scan is good for as long as its accounts are kept. */
export const scanDays = 7;
/** A value that is longer is none of a directory's. */
const longestValue = 12_000;
/** All of an account has to fit into one item. */
const mostBytes = 250_000;

/** Those that were new when they were read come first. */
export const newPrefix = "N#";
export const otherPrefix = "O#";

const hashOf = (remoteId: string): string => createHash("sha256").update(remoteId).digest("base64url");

/** Where the account is, new or not when it was read. */
export const placesOf = (remoteId: string): string[] => {
  const hash = hashOf(remoteId);
  return [`${newPrefix}${hash}`, `${otherPrefix}${hash}`];
};

export const rowPlaceOf = (remoteId: string): string => `R#${hashOf(remoteId)}`;

export const toAccount = (
  { attributeMappings }: Pick<Integration, "attributeMappings">,
  { id, resource }: RemoteResource,
): Account => {
  const shown = remoteAttributes(resource, accountPaths(attributeMappings));
  const kept: Attributes = {};
  const tooLong: string[] = [];
  let bytes = 0;
  for (const [path, value] of Object.entries(shown)) {
    const json = JSON.stringify(value);
    const size = Buffer.byteLength(json);
    if (json.length > longestValue || bytes + size > mostBytes) tooLong.push(path);
    else {
      kept[path] = value;
      bytes += size;
    }
  }
  return { remoteId: id, shown: kept, ...(tooLong.length > 0 && { tooLong }) };
};

/** `place`: where it is already, if it is. */
export const toAccountItem = (account: ScannedAccount, place?: string): JobItem => {
  const [asNew = "", asOther = ""] = placesOf(account.remoteId);
  return {
    place: place ?? (account.status === "new" ? asNew : asOther),
    data: { ...account } as JsonObject,
  };
};

export const accountIn = ({ data }: JobItem): ScannedAccount => data as unknown as ScannedAccount;
