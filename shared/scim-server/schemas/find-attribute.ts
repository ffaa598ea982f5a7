import { parseScimPath, type ScimPath, shownPath } from "../../mapping/scim-path.ts";
import {
  elementSubAttributes,
  enterpriseUrn,
  findShape,
  isReadOnly,
} from "../../mapping/scim-user-schema.ts";
import { type Attribute, findSub } from "./attribute.ts";
import { commonAttributes } from "./common-attributes.ts";
import type { ResourceType } from "./resource-types.ts";

/** An attribute that is kept, or a part of one. `extension` is the URN of the extension that it is of. */
export type AttributeRef = { extension?: string; attribute: Attribute; sub?: Attribute };

/**
 * `kept`; `dropped` where an RFC knows the attribute and the directory does not keep it, so that it may be sent and goes
 * nowhere; `readOnly` where it is of that kind and only the service provider may set it; `unknown`.
 */
export type Found = { is: "kept"; ref: AttributeRef } | { is: "dropped" | "readOnly" | "unknown" };

/** Find `[urn:]attribute[.sub]` among the attributes of a resource type, in any case. Any text may be asked for. */
export const findAttribute = (type: ResourceType, text: string): Found => {
  const path = parseScimPath(text);
  if (path === undefined || path.type !== undefined) return { is: "unknown" };
  const urn = path.urn?.toLowerCase();
  const isCore = urn === undefined || urn === type.schema.id.toLowerCase();
  const extension = isCore ? undefined : type.extensions.find(({ id }) => id.toLowerCase() === urn);
  const attributes = isCore ? [...commonAttributes, ...type.schema.attributes] : extension?.attributes;
  const attribute = attributes?.find(({ name }) => name.toLowerCase() === path.attribute.toLowerCase());
  const sub = attribute && path.sub !== undefined ? findSub(attribute, path.sub) : undefined;
  if (attribute === undefined || (path.sub !== undefined && sub === undefined))
    return { is: knownElsewhere(type, path, attribute) };
  return {
    is: "kept",
    ref: { ...(extension && { extension: extension.id }), attribute, ...(sub && { sub }) },
  };
};

/** What is not kept, and yet no mistake of the sender. */
const knownElsewhere = (
  type: ResourceType,
  { urn, attribute, sub }: ScimPath,
  kept: Attribute | undefined,
): "dropped" | "readOnly" | "unknown" => {
  if (type.name === "Group")
    return kept?.name === "members" && sub?.toLowerCase() === "display" ? "dropped" : "unknown";
  const shape = urn === undefined || urn === enterpriseUrn ? findShape(urn, attribute) : undefined;
  if (shape === undefined) return "unknown";
  if (isReadOnly(urn, shape.name, sub)) return "readOnly";
  const subs = [...shape.subAttributes, ...(shape.kind === "multi-valued" ? elementSubAttributes : [])];
  return sub === undefined || subs.some((name) => name.toLowerCase() === sub.toLowerCase())
    ? "dropped"
    : "unknown";
};

/** `name.givenName` or `urn:…:User:department`, as messages and projections spell it. */
export const nameOf = ({ extension, attribute, sub }: AttributeRef): string =>
  `${extension === undefined ? "" : `${extension}:`}${attribute.name}${sub === undefined ? "" : `.${sub.name}`}`;

/** What was asked for and is not known, as a message may repeat it. */
export const shownUnknown = (text: string): string => {
  const path = parseScimPath(text);
  return path === undefined ? "what is no name of an attribute" : shownPath(path);
};
