import { Failure } from "../model/failure.ts";
import { type Role, reaches, roles } from "../model/role.ts";
import { authorizerOf } from "./caller.ts";
import type { HttpEvent } from "./invocation.ts";

/** The environment variables in which a Lambda with JWT callers finds the name of each role's scope. */
export const scopeVariables: Record<Role, string> = {
  read: "READ_SCOPE",
  provision: "PROVISION_SCOPE",
  admin: "ADMIN_SCOPE",
};

/**
 * The strongest role that the caller has: by the scopes of a JWT, or as the local front says. Undefined where there is
 * none, and with IAM: which policy let the caller in is known to the gateway alone.
 */
export const readRole = (event: HttpEvent): Role | undefined => {
  const { jwt, lambda } = authorizerOf(event);
  const scopes = jwt?.claims && scopesOf(jwt.claims);
  return roles.findLast((role) =>
    scopes ? scopes.includes(process.env[scopeVariables[role]] ?? "") : lambda?.role === role,
  );
};

/** The claims that the gateway looks into, too. It hands a list on as text in brackets: `[usher.read usher.admin]`. */
const scopesOf = ({ scope, scp }: Record<string, unknown>): string[] =>
  [scope, scp]
    .flat()
    .filter((claim) => typeof claim === "string")
    .flatMap((claim) => claim.replace(/^\[(.*)\]$/, "$1").split(/\s+/))
    .filter((name) => name !== "");

/**
 * Refuses a call beyond the caller's role.
 *
 * @throws Failure `forbidden`, which names both
 */
export const requireRole = (needed: Role, held: Role | undefined): void => {
  if (held !== undefined && reaches(held, needed)) return;
  const has = held === undefined ? "this token has no role" : `this token has the role ${held}`;
  throw new Failure(
    "forbidden",
    `The call needs the role ${needed}, and ${has}. Send a token that may make it.`,
  );
};
