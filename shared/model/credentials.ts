import * as z from "zod";
import { headerTemplateSchema } from "./overrides.ts";

/** No CR or LF ever reaches a header (RFC 9110 §5.5). */
const headerSecret = z
  .string()
  .min(1)
  .max(8192)
  .regex(/^[\x21-\x7e]+$/, "use visible ASCII characters without spaces")
  .meta({ writeOnly: true });
/** Goes into a header or form encoded, so that only what no text holds is refused. */
const encodedSecret = z
  .string()
  .min(1)
  .max(8192)
  .regex(/^\P{Cc}+$/u, "use no control characters")
  .meta({ writeOnly: true });
const clientId = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^\P{Cc}+$/u, "use no control characters");

/**
 * What describes the connection, the message or the way to it, or is ours: a secret there would break or redirect the
 * request.
 */
const reservedHeaders =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|cookie2?|set-cookie2?|accept.*|user-agent|if-.*|range|via|date|origin|referer|forwarded|x-forwarded-.*|x-http-method.*|x-method-override|x-original-.*|x-rewrite-.*|sec-.*|access-control-.*)$/i;

/** A token of RFC 9110 §5.6.2. */
const headerName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "not the name of a header")
  .refine((name) => !reservedHeaders.test(name), "this header cannot carry a secret");

const expiresAt = z.iso
  .datetime({ offset: true })
  .optional()
  .meta({ description: "When the secret ends (RFC 3339). From 14 days before, an event a day says so." });

const bearer = z.strictObject({
  type: z.literal("bearer"),
  clientId: clientId.optional(),
  clientSecret: headerSecret,
  expiresAt,
});
const header = z.strictObject({
  type: z.literal("header"),
  name: headerName,
  template: headerTemplateSchema.meta({ description: "E.g. `Token token={clientSecret}`." }),
  clientSecret: headerSecret,
  expiresAt,
});
const basic = z.strictObject({
  type: z.literal("basic"),
  clientId: clientId.refine((id) => !id.includes(":"), "must not contain a colon (RFC 7617 §2)"),
  clientSecret: encodedSecret,
  expiresAt,
});
const oauth2 = z.strictObject({
  type: z.literal("oauth2_client_credentials"),
  tokenUrl: z
    .string()
    .min(1)
    .max(2048)
    .meta({ description: "The token endpoint (RFC 6749 §3.2): https, without user info or fragment." }),
  clientId,
  clientSecret: encodedSecret,
  scope: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, "not a scope (RFC 6749 §3.3)")
    .optional(),
  expiresAt,
});

export const credentialsSchema = z.discriminatedUnion("type", [bearer, header, basic, oauth2]);
export type Credentials = z.infer<typeof credentialsSchema>;

const secretArn = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[\w/+=.@:-]+$/, "not the ARN or name of a secret")
  .optional()
  .meta({
    description:
      'In place of `clientSecret`: ARN or name of a secret in Secrets Manager that an operator has made for this, `{"clientSecret": "…", "baseUrl": "https://…"}`. It is read once.',
  });
const isOneGiven = (one: { clientSecret?: string | undefined; secretArn?: string | undefined }): boolean =>
  (one.clientSecret === undefined) !== (one.secretArn === undefined);
const oneHint = { path: ["clientSecret"], message: "give either clientSecret or secretArn" };
const entered = { clientSecret: headerSecret.optional(), secretArn };
const enteredEncoded = { clientSecret: encodedSecret.optional(), secretArn };

/** Credentials as a call gives them: the secret itself, or where an operator has put it. */
export const credentialsInputSchema = z
  .discriminatedUnion("type", [
    bearer.extend(entered).refine(isOneGiven, oneHint),
    header.extend(entered).refine(isOneGiven, oneHint),
    basic.extend(enteredEncoded).refine(isOneGiven, oneHint),
    oauth2.extend(enteredEncoded).refine(isOneGiven, oneHint),
  ])
  .meta({ id: "Credentials", description: "Kept in Secrets Manager; never returned." });
export type CredentialsInput = z.infer<typeof credentialsInputSchema>;

/** What callers see of credentials. */
export const publicCredentialsSchema = z.object({
  type: z.enum(["bearer", "header", "basic", "oauth2_client_credentials"]),
  clientId: z.string().optional(),
  tokenUrl: z.string().optional(),
  expiresAt: z.string().optional(),
  expiring: z.literal(true).optional().meta({ description: "The secret ends within 14 days, or has ended." }),
});
export type PublicCredentials = z.infer<typeof publicCredentialsSchema>;

/** The part that an integration's row keeps: nothing secret. */
export const describeCredentials = (credentials: CredentialsInput): PublicCredentials => ({
  type: credentials.type,
  ...("clientId" in credentials && credentials.clientId !== undefined && { clientId: credentials.clientId }),
  ...("tokenUrl" in credentials && { tokenUrl: credentials.tokenUrl }),
  ...(credentials.expiresAt !== undefined && { expiresAt: credentials.expiresAt }),
});

const warnedMs = 14 * 86_400_000;

type Ending = { expiresAt?: string | undefined };

/** 14 days before the secret ends (Unix ms); never, where no end is known. */
export const expiringFrom = ({ expiresAt: end }: Ending): number =>
  end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end) - warnedMs;

/** Whether the secret ends within 14 days of `now` (Unix ms), or has ended. */
export const isExpiring = (credentials: Ending, now: number): boolean => expiringFrom(credentials) <= now;
