import * as z from "zod";
import { groupIdSchema, userIdSchema } from "./directory.ts";
import type { Trace } from "./directory-change.ts";
import { plainText, plainTextHint } from "./text.ts";

export const sourceIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, "not a source id")
  .meta({ description: "Id of a source, made by the service." });
export const tokenIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, "not a token id")
  .meta({ description: "Id of a token, made by the service. It tells nothing of the token." });

const name = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(plainText, plainTextHint)
  .meta({ description: "What people call it, e.g. Okta production." });
const kind = z.enum(["okta", "entra", "jumpcloud", "google", "generic"]).meta({
  description: "Which identity provider it is.",
});
const onDelete = z.enum(["suspend", "delete"]).meta({
  description:
    "What a DELETE of a user by the source does: `suspend` (the default) closes their accounts, `delete` is the leaver call.",
});
const linkByEmail = z.enum(["ownerless", "any", "never"]).meta({
  description:
    "Which users that are there pass to the source once it names their userName or address: those of no source (the default), those of other sources too, or none.",
});

const shortestToken = 32;
const longestToken = 2048;
const bearer = /^bearer +/i;
/** A token as it was sent or pasted, without the word Bearer and blanks around it. */
export const bareToken = (text: string): string => text.trim().replace(bearer, "").trim();
/** Whether that can be a token at all. */
export const isTokenForm = (token: string): boolean =>
  token.length >= shortestToken && token.length <= longestToken && /^[\x21-\x7e]+$/.test(token);

/** The messages never repeat the value. */
const broughtToken = z
  .string()
  .transform(bareToken)
  .refine(isTokenForm, `use ${shortestToken} to ${longestToken} visible ASCII characters, and no blanks`)
  .meta({
    description:
      "A token to bring, with or without the word Bearer, so that nothing changes at the identity provider; else one is made.",
  });
const expiresAt = z.iso
  .datetime({ offset: true })
  .transform((time) => new Date(time).toISOString())
  .meta({ description: "When the token ends; never, where it is left out." });

/** Body of `POST /sources`. */
export const sourceInputSchema = z
  .strictObject({
    name,
    kind,
    onDelete: onDelete.default("suspend"),
    linkByEmail: linkByEmail.default("ownerless"),
    token: broughtToken.optional(),
    expiresAt: expiresAt.optional(),
  })
  .meta({ id: "SourceInput" });
export type SourceInput = z.infer<typeof sourceInputSchema>;

/** Body of `PATCH /sources/{sourceId}`. */
export const sourcePatchSchema = z
  .strictObject({
    name: name.optional(),
    kind: kind.optional(),
    onDelete: onDelete.optional(),
    linkByEmail: linkByEmail.optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, "change at least one field")
  .meta({ id: "SourcePatch" });
export type SourcePatch = z.infer<typeof sourcePatchSchema>;

/** Body of `POST /sources/{sourceId}/tokens`. */
export const tokenInputSchema = z
  .strictObject({ token: broughtToken.optional(), expiresAt: expiresAt.optional() })
  .meta({ id: "SourceTokenInput" });
export type TokenInput = z.infer<typeof tokenInputSchema>;

/** A token as it is kept with its source: never itself. */
export type SourceToken = {
  tokenId: string;
  /** SHA-256, under which the token is found. */
  hash: string;
  /** Its last four characters. */
  hint: string;
  createdAt: string;
  expiresAt?: string;
};

/** As kept. `version` grows with every change; a deleted one stays until its event is on record and its tokens are gone. */
export type Source = {
  sourceId: string;
  name: string;
  kind: z.infer<typeof kind>;
  onDelete: z.infer<typeof onDelete>;
  linkByEmail: z.infer<typeof linkByEmail>;
  /** Two at most. What is not named here opens nothing, whatever else is kept of it. */
  tokens: SourceToken[];
  createdAt: string;
  updatedAt: string;
  version: number;
  deleted?: true;
} & Pick<Trace, "asked" | "unrecorded">;

const answeredRequest = z.object({
  at: z.string(),
  method: z.string(),
  resource: z.string().meta({ description: "`Users`, `Groups` or another endpoint, without ids." }),
  status: z.number().int(),
});
const answeredError = answeredRequest.extend({
  scimType: z.string().optional(),
  detail: z.string().meta({ description: "What the identity provider was told." }),
  correlationId: z.string(),
});
/** The latest requests of a source. That of the last success, and the use of tokens, may be a minute old. */
export type SourceStatus = {
  lastRequest?: z.infer<typeof answeredRequest>;
  lastError?: z.infer<typeof answeredError>;
  /** By tokenId, RFC 3339. */
  tokenUses: Record<string, string>;
};
/** One request as it was answered; `error` of one that was refused. */
export type NotedRequest = z.infer<typeof answeredRequest> & {
  tokenId: string;
  error?: Pick<z.infer<typeof answeredError>, "scimType" | "detail" | "correlationId">;
};

const tokenSchema = z
  .object({
    tokenId: tokenIdSchema,
    hint: z.string().meta({ description: "The last four characters." }),
    createdAt: z.string(),
    lastUsedAt: z.string().optional().meta({ description: "Within a minute." }),
    expiresAt: z.string().optional(),
  })
  .meta({ id: "SourceToken" });

/** A source as callers see it. */
export const sourceSchema = z
  .object({
    sourceId: sourceIdSchema,
    name: z.string(),
    kind,
    onDelete,
    linkByEmail,
    scimBaseUrl: z.string().meta({ description: "The base URL to enter at the identity provider." }),
    tokens: z.array(tokenSchema),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.number().int(),
  })
  .meta({ id: "Source", description: "An identity provider that feeds the directory by SCIM." });
export type SourceView = z.infer<typeof sourceSchema>;

/** Of an answer that shows a token this once. */
export const shownToken = z.string().meta({
  description:
    "The token itself, which is shown this once: neither later, nor where an Idempotency-Key gives this answer again.",
});
export const madeSourceSchema = sourceSchema.extend({ token: shownToken }).meta({ id: "MadeSource" });
export type MadeSource = z.infer<typeof madeSourceSchema>;
export const madeTokenSchema = tokenSchema.extend({ token: shownToken }).meta({ id: "MadeSourceToken" });
export type MadeToken = z.infer<typeof madeTokenSchema>;

/** Answer of `GET /sources/{sourceId}`. */
export const sourceDetailSchema = sourceSchema
  .extend({
    counts: z
      .object({ users: z.number().int(), groups: z.number().int() })
      .meta({ description: "Users and groups that the source owns. May lag behind." }),
    lastRequest: answeredRequest.optional(),
    lastError: answeredError.optional(),
  })
  .meta({ id: "SourceDetail" });
export type SourceDetail = z.infer<typeof sourceDetailSchema>;

/** Body of `POST /sources/{sourceId}/adopt`. */
export const adoptInputSchema = z
  .union([
    z.strictObject({ userIds: z.array(userIdSchema).min(1) }),
    z.strictObject({ groupIds: z.array(groupIdSchema).min(1) }),
    z.strictObject({ all: z.literal(true) }),
  ])
  .meta({
    id: "AdoptInput",
    description:
      "Which users or groups without an owner the source is to be given; `all` is every one of them.",
  });
export type AdoptInput = z.infer<typeof adoptInputSchema>;

export const skippedSchema = z.object({
  userId: userIdSchema.optional(),
  groupId: groupIdSchema.optional(),
  reason: z.enum(["not-found", "owned", "name-taken"]).meta({
    description:
      "`owned`: it belongs to another source. `name-taken`: the source has another one of that userName or displayName.",
  }),
});
/** Answer of `POST /sources/{sourceId}/adopt`. */
export const adoptedSchema = z
  .object({
    state: z.enum(["done", "pending"]).meta({
      description:
        "`pending`: the call had no time for all of them, or others were changing some; the same call again continues.",
    }),
    users: z.number().int().meta({ description: "So many became the source's by this call." }),
    groups: z.number().int(),
    skipped: z.array(skippedSchema).meta({ description: "The first 100 that did not." }),
    skippedTotal: z.number().int(),
  })
  .meta({ id: "Adopted" });
export type Adopted = z.infer<typeof adoptedSchema>;

/** Why a source could not have what it asked for. */
export const conflictReasonSchema = z
  .enum(["other-source", "not-linked", "several", "name-taken", "members-dropped"])
  .meta({
    description:
      "`other-source`: another source owns the user of this userName or address. `not-linked`: `linkByEmail` is `never`. `several`: more than one user has that userName or address. `name-taken`: another object of this source has the name or the externalId. `members-dropped`: more members of the group are not there yet than may wait.",
  });
export type ConflictReason = z.infer<typeof conflictReasonSchema>;

export const conflictSchema = z
  .object({
    kind: z.enum(["user", "group"]),
    name: z.string().meta({
      description:
        "The userName or displayName that the source asked for, or the address that it gave to a user of its own.",
    }),
    externalId: z.string().optional(),
    reason: conflictReasonSchema,
    userIds: z.array(userIdSchema).optional().meta({ description: "Those that have it." }),
    groupIds: z.array(z.string()).optional(),
    ownerId: sourceIdSchema.optional().meta({ description: "The source that owns them." }),
    since: z.string().meta({ description: "When it was refused first." }),
    at: z.string().meta({ description: "When it was refused last." }),
  })
  .meta({
    id: "SourceConflict",
    description: "What a source asked for and could not have (409 uniqueness).",
  });
export type Conflict = z.infer<typeof conflictSchema>;

/** Answer of `GET /sources/{sourceId}/mapping`. */
export const sourceMappingSchema = z
  .object({
    rows: z.array(
      z.object({
        attribute: z.string().meta({ description: "SCIM attribute path, as the source sends it." }),
        property: z.string().meta({ description: "Property of the directory user, or group." }),
        resource: z.enum(["User", "Group"]),
        note: z.string().optional(),
      }),
    ),
  })
  .meta({ id: "SourceMapping" });
export type SourceMapping = z.infer<typeof sourceMappingSchema>;
