import type { Attribute } from "./attribute.ts";
import { enterpriseSchema } from "./enterprise-schema.ts";
import { groupSchema } from "./group-schema.ts";
import { userSchema } from "./user-schema.ts";

export type Schema = { id: string; name: string; description: string; attributes: readonly Attribute[] };

/** A kind of resource: what is served below `endpoint`, and of which schemas it is. */
export type ResourceType = {
  name: "User" | "Group";
  endpoint: "/Users" | "/Groups";
  description: string;
  schema: Schema;
  extensions: readonly Schema[];
};

export const userType: ResourceType = {
  name: "User",
  endpoint: "/Users",
  description: "A user of the directory",
  schema: userSchema,
  extensions: [enterpriseSchema],
};

export const groupType: ResourceType = {
  name: "Group",
  endpoint: "/Groups",
  description: "A group of the directory",
  schema: groupSchema,
  extensions: [],
};
