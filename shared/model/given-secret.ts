import * as z from "zod";
import { type Credentials, type CredentialsInput, credentialsSchema } from "./credentials.ts";

/** What an operator writes into a secret for `secretArn`: the secret, and where alone it may be sent. */
const givenSecretSchema = z.object({
  clientSecret: z.string(),
  baseUrl: z.url({ protocol: /^https?$/ }),
  tokenUrl: z.url({ protocol: /^https?$/ }).optional(),
});

const form = 'must hold {"clientSecret": "…", "baseUrl": "https://…"} as JSON';

/**
 * The credentials that a call gave by `secretArn`, completed with the secret's `text`; or why they cannot be, as words that
 * follow the name of a secret. A secret is sent to the origins alone that it names itself: whoever may call could else name
 * any of them with an address of their own.
 */
export const completeCredentials = (
  { secretArn: _, ...credentials }: CredentialsInput,
  text: string,
  baseUrl: string,
): { credentials: Credentials } | { reason: string } => {
  const given = givenSecretSchema.safeParse(parsed(text));
  if (!given.success) return { reason: `${form}, and does not` };
  const { clientSecret, ...urls } = given.data;
  if (!isSameOrigin(urls.baseUrl, baseUrl))
    return { reason: "was made for another origin than that of baseUrl: its own baseUrl says so" };
  if (credentials.type === "oauth2_client_credentials" && !isSameOrigin(urls.tokenUrl, credentials.tokenUrl))
    return { reason: "must name the origin of tokenUrl in a tokenUrl of its own, since it is sent there" };
  const completed = credentialsSchema.safeParse({ ...credentials, clientSecret });
  return completed.success
    ? { credentials: completed.data }
    : {
        reason: `holds a clientSecret that cannot be sent as ${credentials.type}: look for blanks and line ends`,
      };
};

/** Undefined where it is no JSON; the parser's own error quotes the text. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isSameOrigin = (one: string | undefined, other: string): boolean =>
  one !== undefined && new URL(one).origin === new URL(other).origin;
