import { createHash } from "node:crypto";
import type { JobItem } from "../model/integration-job.ts";
import type { SyncItem } from "../model/sync.ts";
import { type ObjectKey, rowsPrefix, toRow } from "./sync-items.ts";

/** What a verification keeps beside its rows: objects with a finding, ids that the lists showed, and those that they did not. */
export const foundPrefix = "V#";
export const seenPrefix = (kind: ObjectKey["kind"]): string => `S#${kind}#`;
/** Each reading of a list has its own. */
export const unlistedPrefix = (kind: ObjectKey["kind"], isDoubted = false): string =>
  `U#${kind}${isDoubted ? "-again" : ""}#`;

/** 48 bits of it: in a list of 100,000 one that is not there passes for one that is once in 3 thousand million times. */
export const shortHash = (id: string): string =>
  createHash("sha256").update(id).digest("base64url").slice(0, hashChars);
const hashChars = 8;

/** The ids of a page, and the other way round. */
export const toSeen = (kind: ObjectKey["kind"], page: number, ids: string[]): JobItem => ({
  place: `${seenPrefix(kind)}${String(page).padStart(8, "0")}`,
  data: { hashes: ids.map(shortHash).join("") },
});
export const hashesIn = ({ data }: JobItem): string[] =>
  String(data.hashes).match(new RegExp(`.{${hashChars}}`, "g")) ?? [];

/** Access that is open goes first, then users, then groups. What is nobody's here comes last. */
const rankOf = ({ kind }: ObjectKey, findings: SyncItem[]): number => {
  if (findings.some(({ finding }) => finding === "active")) return 0;
  return kind === "user" ? 1 : 2;
};

/** The rows of an object, and the object, where anything of it can be repaired. */
export const toFoundItems = (key: ObjectKey, findings: SyncItem[]): JobItem[] => {
  if (findings.length === 0) return [];
  const at = `${rankOf(key, findings)}#${key.kind}#${key.id}`;
  const isRepairable = findings.some(({ finding }) => finding !== "unknown");
  return [
    ...findings.map((item) => toRow(`${rowsPrefix}${at}#${nameOf(item)}`, item)),
    ...(isRepairable ? [{ place: `${foundPrefix}${at}`, data: { object: { ...key } } }] : []),
  ];
};

const longestName = 256;

/** An account or group that is nobody's here, by the name that it has there. */
export const toUnknownItem = (kind: ObjectKey["kind"], remoteId: string, name: string): JobItem =>
  toRow(`${rowsPrefix}9#${kind}##${shortHash(remoteId)}`, {
    kind,
    remoteId,
    finding: "unknown",
    ...(name !== "" && {
      path: kind === "user" ? "userName" : "displayName",
      seen: [...name].slice(0, longestName).join(""),
    }),
    state: "found",
  });

const nameOf = ({ finding, path, userId, remoteId = "" }: SyncItem): string =>
  [finding, path ?? userId ?? shortHash(remoteId)].join("#");

export const objectIn = ({ data }: JobItem): ObjectKey => data.object as ObjectKey;
/** Under which its rows are. */
export const rowsOfFound = ({ place }: JobItem): string => `${rowsPrefix}${place.slice(foundPrefix.length)}#`;
