import type { MemberItem } from "../../shared/aws/directory/member-item.ts";
import type { SavedGroup } from "../../shared/model/directory.ts";

/** `expiresAt` in Unix ms. */
export type StoredMember = MemberItem & { expiresAt?: number };

export type GroupItem = {
  /** `version` 0 while the group is being made. */
  saved: SavedGroup;
  /** The highest version that a change was ever given. */
  highest: number;
  /** Versions of changes that were given up: what they wrote does not count. */
  voided: number[];
  /** When the group ended last. */
  ended?: { version: number; at: string };
  changing?: { id: number; leaseUntil: number };
  members: Map<string, StoredMember>;
  /** Who joined or left at which version. */
  marks: { version: number; userId: string; expiresAt: number }[];
};
export type GroupItems = Map<string, GroupItem>;
