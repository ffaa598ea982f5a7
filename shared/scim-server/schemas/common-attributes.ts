import { type Attribute, complex, instant, text } from "./attribute.ts";

/** The attributes of every resource (RFC 7643 §3), which no schema lists. */
export const commonAttributes: readonly Attribute[] = [
  {
    ...text("schemas", "The schemas of the resource."),
    multiValued: true,
    mutability: "readOnly",
    returned: "always",
  },
  {
    ...text("id", "The resource's id here."),
    caseExact: true,
    mutability: "readOnly",
    returned: "always",
    uniqueness: "server",
  },
  {
    ...text("externalId", "The resource's id at the identity provider."),
    caseExact: true,
    uniqueness: "server",
  },
  {
    ...complex("meta", "What is known about the resource itself.", [
      text("resourceType", "User or Group.", { caseExact: true, mutability: "readOnly" }),
      instant("created", "When the resource was made."),
      instant("lastModified", "When the resource was changed last."),
      text("location", "The address of the resource.", { caseExact: true, mutability: "readOnly" }),
      text("version", "The ETag.", { caseExact: true, mutability: "readOnly" }),
    ]),
    mutability: "readOnly",
  },
];
