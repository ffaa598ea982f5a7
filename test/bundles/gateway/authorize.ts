import { type KeyObject, verify } from "node:crypto";
import type { Authority } from "../aws/authority.ts";
import { type Signed, signerOf } from "../aws/verify.ts";
import type { Route } from "../stack/deployed.ts";
import { account, region } from "../stack/values.ts";

/** What the authorizer leaves in the event, or the gateway's own refusal. */
export type Authorization = { authorizer?: object } | { status: 401 | 403; message: string };
export type Issuer = { url: string; publicKey: KeyObject };
type Tools = { authority: Authority; apiId: string; issuer?: Issuer };

/** Holds a request to the authorizer of its route. `path` is decoded. */
export const authorize = async (
  route: Route,
  request: Signed,
  path: string,
  tools: Tools,
): Promise<Authorization> => {
  if (route.authorization === "NONE") return {};
  return route.authorization === "AWS_IAM" ? byIam(request, path, tools) : byJwt(route, request, tools);
};

const byIam = async (request: Signed, path: string, { authority, apiId }: Tools): Promise<Authorization> => {
  const forbidden = { status: 403, message: "Forbidden" } as const;
  const by = { region, service: "execute-api", keysOf: authority.keysById };
  const accessKey = await signerOf(request, by);
  const principal = accessKey && authority.principalOf(accessKey);
  if (!principal) return forbidden;
  const resource = `arn:aws:execute-api:${region}:${account}:${apiId}/$default/${request.method}${path}`;
  if (!authority.decide(principal, { action: "execute-api:Invoke", resource, context: {} })) return forbidden;
  const iam = { accessKey, accountId: account, callerId: "AIDATEST", userArn: principal, userId: "AIDATEST" };
  return { authorizer: { iam } };
};

type Claims = Record<string, unknown> & { scope?: string; scp?: string | string[] };

const byJwt = (route: Route, { headers }: Signed, { issuer }: Tools): Authorization => {
  const claims = claimsOf(headers.authorization ?? "", issuer);
  const audiences = [claims?.aud].flat();
  const isFor =
    claims?.iss === route.issuer && audiences.some((one) => route.audience?.includes(String(one)));
  if (!claims || !isFor || Number(claims.exp) * 1000 <= Date.now())
    return { status: 401, message: "Unauthorized" };
  const scopes = [claims.scope ?? claims.scp ?? []].flat().flatMap((one) => one.split(" "));
  const granted = route.scopes.filter((scope) => scopes.includes(scope));
  if (route.scopes.length > 0 && granted.length === 0) return { status: 403, message: "Forbidden" };
  // Every claim arrives as text.
  const texts = Object.entries(claims).map(([name, value]) => [
    name,
    Array.isArray(value) ? `[${value.join(" ")}]` : String(value),
  ]);
  return { authorizer: { jwt: { claims: Object.fromEntries(texts), scopes: granted } } };
};

const claimsOf = (authorization: string, issuer: Issuer | undefined): Claims | undefined => {
  const [, token = ""] = /^Bearer (.+)$/.exec(authorization) ?? [];
  const [head = "", body = "", signature = ""] = token.split(".");
  const text = Buffer.from(`${head}.${body}`);
  const isSigned = issuer && verify("sha256", text, issuer.publicKey, Buffer.from(signature, "base64url"));
  return isSigned ? JSON.parse(Buffer.from(body, "base64url").toString()) : undefined;
};
