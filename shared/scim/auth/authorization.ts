import type { Credentials } from "../../model/credentials.ts";
import { credentialHeader, type OAuthCredentials, secretsOf } from "./credentials.ts";
import { type AccessToken, type TokenCache, tokenKey } from "./oauth-tokens.ts";
import { createRedactor } from "./redact.ts";
import { createResourceRedactor } from "./redact-resource.ts";

type Headers = Record<string, string>;

/** How the requests of one attempt prove who sends them. */
export type Authorization = {
  /** Throws `ProviderFailure` where an access token cannot be had. */
  headers(): Promise<Headers>;
  /** Other headers after a 401; absent where there are none: the secret itself was refused. */
  renewed?(refused: Headers): Promise<Headers>;
  /** Takes the secret in all its forms, access tokens included, out of a text. */
  redact(text: string): string;
  /** The same for an answer that may be a resource: the whole secret alone, so that no data is lost. */
  redactResource(text: string): string;
};

type Options = {
  /** Where the credentials may go. */
  origin: string;
  template: string;
  tokens: TokenCache;
  fetchToken: (credentials: OAuthCredentials, redact: (text: string) => string) => Promise<AccessToken>;
};

export const authorize = (credentials: Credentials, options: Options): Authorization => {
  const redactors = new Map<string, Pick<Authorization, "redact" | "redactResource">>();
  const hide = (secret: string): void => {
    if (redactors.has(secret)) return;
    redactors.set(secret, { redact: createRedactor(secret), redactResource: createResourceRedactor(secret) });
  };
  for (const secret of secretsOf(credentials)) hide(secret);
  const redact = (text: string) => [...redactors.values()].reduce((clean, one) => one.redact(clean), text);
  const redactResource = (text: string) =>
    [...redactors.values()].reduce((clean, one) => one.redactResource(clean), text);

  if (credentials.type !== "oauth2_client_credentials") {
    const headers = credentialHeader(credentials, options.template);
    return { headers: async () => headers, redact, redactResource };
  }

  const key = tokenKey(credentials, options.origin);
  const headers = async (): Promise<Headers> => {
    const token = await options.tokens.get(key, () => options.fetchToken(credentials, redact));
    hide(token);
    return { Authorization: bearer + token };
  };
  const renewed = (refused: Headers): Promise<Headers> => {
    options.tokens.drop(key, refused.Authorization?.slice(bearer.length) ?? "");
    return headers();
  };
  return { headers, renewed, redact, redactResource };
};

/** RFC 6750 §2.1. */
const bearer = "Bearer ";
