import * as z from "zod";

/** Where the secret goes in a header's value. */
export const secretPlace = "{clientSecret}";

/** Visible ASCII with single spaces inside: no CR or LF ever reaches a header (RFC 9110 §5.5). */
const headerText = z
  .string()
  .max(256)
  .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, "use visible ASCII characters, with single spaces between words");
export const headerTemplateSchema = headerText.refine(
  (template) => template.split(secretPlace).length === 2,
  `write ${secretPlace} where the secret goes, once`,
);

const attributePath = z.string().min(1).max(256);

/** How a service provider is spoken to and what its answers mean. Every field is read by the client or a use case. */
const behaviour = {
  authorizationTemplate: headerTemplateSchema.meta({
    description: "Value of the Authorization header for credentials of type bearer.",
  }),
  userAgent: headerText.meta({ description: "Some providers refuse or treat apart what they do not know." }),
  contentType: z
    .enum(["application/scim+json", "application/json"])
    .meta({ description: "Of what is sent (RFC 7644 §3.8); a few take plain JSON alone." }),
  updates: z.enum(["patch", "put"]).meta({
    description:
      "put: read, merge and PUT, for a provider without PATCH. What is not implemented (405, 501, 404 for what is there) gives way to the other.",
  }),
  patchPathStyle: z.enum(["path", "pathless"]).meta({
    description: "path: one operation per path. pathless: one operation with all values, extensions apart.",
  }),
  clear: z.enum(["remove", "empty"]).meta({
    description: 'How an attribute is cleared by PATCH: a remove of its path, or a replace by "" or [].',
  }),
  memberRemoveStyle: z.enum(["filter", "valueList"]).meta({
    description:
      'filter: members[value eq "id"], one operation each. valueList: one operation with the list; some providers empty the group for it.',
  }),
  replaceMembers: z.boolean().meta({
    description:
      "Whether a group may be PUT with all of its members, where PATCH is not implemented. Needs readsMembers.",
  }),
  maxMembersPerOperation: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .meta({ description: "Members that one PATCH may add and remove." }),
  readsMembers: z.boolean().meta({ description: "Whether reading a group shows who is in it." }),
  groups: z.enum(["full", "members-only", "none"]).meta({
    description:
      "members-only: groups are made, named and deleted there; they are found by name and their members change. none: users alone.",
  }),
  groupsNeedMembersList: z.boolean().meta({ description: "Whether a new group must carry members: []." }),
  deactivate: z.enum(["suspends", "destroys"]).meta({
    description: "What active: false does. destroys: the account is forgotten, and made anew or found again.",
  }),
  delete: z.enum(["removes", "deactivates", "undocumented"]).meta({
    description:
      "What DELETE of a user does. deactivates: the test user of a write test is named as left over.",
  }),
  requiredAttributes: z
    .array(attributePath)
    .max(50)
    .meta({ description: "Paths without which a user is refused: checked before anything is sent." }),
  singleValued: z
    .array(attributePath)
    .max(50)
    .meta({ description: "Lists of which one value may be sent: the primary one, else the first." }),
  omitPrimaryFalse: z.boolean().meta({ description: "Whether primary: false is refused, and so left out." }),
  userFilter: z.enum(["userName", "externalId", "id"]).meta({
    description: "What users are looked up by. id: the provider takes our externalId for its id.",
  }),
  paging: z
    .strictObject({
      style: z.enum(["index", "cursor", "none"]).meta({
        description: "startIndex and count (RFC 7644 §3.4.2.4), cursor and count (RFC 9865), or neither.",
      }),
      maxCount: z
        .number()
        .int()
        .min(1)
        .max(10_000)
        .meta({ description: "The largest count that is asked for." }),
    })
    .meta({ description: "How lists are asked for." }),
  etag: z
    .boolean()
    .meta({ description: "Whether a PUT carries If-Match where the read gave an ETag (RFC 7644 §3.14)." }),
  readsMarkManaged: z.boolean().meta({
    description:
      "Whatever a request returns becomes managed from outside: nothing is read that is not needed.",
  }),
  rateLimit: z
    .strictObject({
      perSecond: z.number().min(0.01).max(10_000),
      burst: z.number().int().min(1).max(10_000),
    })
    .meta({ description: "Requests that the provider takes." }),
};

/** An integration's own word on its service provider: the fields of a profile that decide how it is spoken to. */
export const overridesSchema = z.strictObject(behaviour).partial().meta({
  id: "ProfileOverrides",
  description: "Replaces single fields of the profile; what is not named stays as the profile has it.",
});
export type Overrides = { [K in keyof z.infer<typeof overridesSchema>]?: z.infer<typeof overridesSchema>[K] };

/** All of it, as a profile has it. */
export type Behaviour = { [K in keyof typeof behaviour]: z.infer<(typeof behaviour)[K]> };
