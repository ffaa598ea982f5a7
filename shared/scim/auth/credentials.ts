import type { Credentials } from "../../model/credentials.ts";
import { secretPlace } from "../../model/overrides.ts";

export type OAuthCredentials = Extract<Credentials, { type: "oauth2_client_credentials" }>;
/** Credentials that are sent as they were entered. */
type StaticCredentials = Exclude<Credentials, OAuthCredentials>;

/** `clientId:clientSecret` in base64 (RFC 7617 §2). */
const basicOf = (user: string, password: string): string =>
  Buffer.from(`${user}:${password}`).toString("base64");

// As a function: a `$` in the secret means nothing.
const fill = (template: string, secret: string): string => template.replace(secretPlace, () => secret);

/** The header that proves who asks. `template` is the profile's, for bearer tokens. */
export const credentialHeader = (
  credentials: StaticCredentials,
  template: string,
): Record<string, string> => {
  switch (credentials.type) {
    case "bearer":
      return { Authorization: fill(template, credentials.clientSecret) };
    case "header":
      return { [credentials.name]: fill(credentials.template, credentials.clientSecret) };
    case "basic":
      return { Authorization: `Basic ${basicOf(credentials.clientId, credentials.clientSecret)}` };
  }
};

/** `application/x-www-form-urlencoded`, as RFC 6749 §2.3.1 asks before an id and a secret become Basic. */
const formEncode = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

/** A client's header at the token endpoint (RFC 6749 §2.3.1). */
export const clientHeader = ({ clientId, clientSecret }: OAuthCredentials): string =>
  `Basic ${basicOf(formEncode(clientId), formEncode(clientSecret))}`;

/** All that must appear in no answer, event or log: the secret, and the forms in which a header or a form holds it. */
export const secretsOf = (credentials: Credentials): string[] => {
  const { type, clientSecret } = credentials;
  if (type === "basic")
    return [clientSecret, formEncode(clientSecret), basicOf(credentials.clientId, clientSecret)];
  if (type !== "oauth2_client_credentials") return [clientSecret];
  return [
    clientSecret,
    formEncode(clientSecret),
    basicOf(credentials.clientId, clientSecret),
    clientHeader(credentials).slice("Basic ".length),
  ];
};
