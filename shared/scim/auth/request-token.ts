import type { Clock } from "../../common/clock.ts";
import { readKey } from "../../mapping/remote-attributes.ts";
import { ProviderFailure, type ProviderFailureKind } from "../../provisioning/ports/provider-failure.ts";
import {
  classifyTransport,
  type Endpoint,
  kindOfAnswer,
  readAnswer,
  refusedTarget,
} from "../exchange/classify-failure.ts";
import { type Attempt, withRetries } from "../exchange/retry.ts";
import { readObject, Unreadable } from "../messages/answers.ts";
import { checkTokenUrl, type GuardOptions } from "../wire/outbound-guard.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { TransportFailure } from "../wire/transport-failure.ts";
import { clientHeader, type OAuthCredentials } from "./credentials.ts";
import type { AccessToken } from "./oauth-tokens.ts";

export type TokenRequest = { url: URL; headers: Record<string, string>; body: string };

type Options = GuardOptions & {
  /** One POST, guarded and bounded, redirects not followed. Throws `TransportFailure`. */
  post: (request: TokenRequest) => Promise<HttpAnswer>;
  redact: (text: string) => string;
  sendUntil: number;
  clock: Clock;
};

const endpoint: Endpoint = { title: "The token endpoint", isOfTokenEndpoint: true };

/**
 * An access token by the client credentials grant (RFC 6749 §4.4). The client proves itself by Basic, which every
 * endpoint has to take; where that is refused, once more by the parameters of the form, since some take those alone
 * (§2.3.1). Never both in one request. Asking again changes nothing there, so that it is repeated like a GET.
 * @throws ProviderFailure `unauthorized` where the endpoint refuses the client itself
 */
export const requestToken = async (credentials: OAuthCredentials, options: Options): Promise<AccessToken> => {
  try {
    return await ask(credentials, "header", options);
  } catch (first) {
    if (!isRefusal(first)) throw first;
    try {
      return await ask(credentials, "form", options);
    } catch (second) {
      // An endpoint that knows Basic alone calls the second request malformed: the first answer was the answer.
      throw isRefusal(second) && second.kind !== "unauthorized" ? first : second;
    }
  }
};

const isRefusal = (error: unknown): error is ProviderFailure =>
  error instanceof ProviderFailure && (error.status === 400 || error.status === 401);

const ask = (
  credentials: OAuthCredentials,
  place: "header" | "form",
  { post, redact, sendUntil, clock, ...guard }: Options,
): Promise<AccessToken> => {
  const { clientId, clientSecret, scope } = credentials;
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scope !== undefined) form.set("scope", scope);
  if (place === "form") {
    form.set("client_id", clientId);
    form.set("client_secret", clientSecret);
  }
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
    ...(place === "header" ? { Authorization: clientHeader(credentials) } : {}),
  };
  const attempt = async (): Promise<Attempt<AccessToken>> => {
    const url = checkTokenUrl(credentials.tokenUrl, guard);
    if (!url.ok) return refusedTarget(url.reason, endpoint);
    try {
      const answer = await post({ url: new URL(url.url), headers, body: form.toString() });
      return readAnswer(answer, readToken, { kind: kindOf(answer), now: clock.now(), redact }, endpoint);
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error;
      return classifyTransport(error, endpoint);
    }
  };
  return withRetries("GET", attempt, { sendUntil }, clock);
};

/** The client is unknown, its secret wrong, or it may not have tokens (RFC 6749 §5.2). */
const clientErrors = ["invalid_client", "unauthorized_client"];

const kindOf = (answer: HttpAnswer): ProviderFailureKind => {
  const kind = kindOfAnswer(answer, false);
  if (kind === "unauthorized" || kind === "unavailable") return kind;
  return answer.status === 400 && clientErrors.includes(errorOf(answer)) ? "unauthorized" : "rejected";
};

const errorOf = (answer: HttpAnswer): string => {
  try {
    return String(readKey(readObject(answer), "error"));
  } catch {
    return "";
  }
};

/**
 * `{access_token, token_type, expires_in}` (RFC 6749 §5.1); one that ends at once is not kept. What could not stand in
 * a header is no token.
 */
const readToken = (answer: HttpAnswer): AccessToken => {
  const body = readObject(answer, "an access token");
  const token = readKey(body, "access_token");
  if (typeof token !== "string" || !/^[\x21-\x7e]{1,16384}$/.test(token))
    throw new Unreadable("without a usable access_token");
  const type = readKey(body, "token_type") ?? "Bearer";
  if (String(type).toLowerCase() !== "bearer") throw new Unreadable("with a token that is no bearer token");
  const expiresIn = Number(readKey(body, "expires_in") ?? Number.NaN);
  return { token, expiresIn: Number.isFinite(expiresIn) && expiresIn >= 0 ? expiresIn : undefined };
};
