import { randomBytes } from "node:crypto";
import type { AwsKeys } from "../../../infra/smoke/sign.ts";
import { type Ask, evaluate, type Used } from "../iam/evaluate.ts";
import type { Statement } from "../iam/policy.ts";

/** An ask that IAM refused. */
export type Denial = { principal: string; ask: Ask };

/** Who may do what: keys of each principal, and a record of all that was asked. */
export type Authority = {
  /** Session keys, as Lambda gives its role and STS a caller; the same ones each time. */
  keysOf(principal: string): AwsKeys;
  keysById(accessKeyId: string): AwsKeys | undefined;
  principalOf(accessKeyId: string): string | undefined;
  /** Decides, and records what allowed it or that it was denied. */
  decide(principal: string, ask: Ask): boolean;
  denials: Denial[];
  /** What each principal needed of its grants. */
  used: Map<string, Used[]>;
};

export const createAuthority = (
  statementsOf: (principal: string) => readonly Statement[] | undefined,
): Authority => {
  const byPrincipal = new Map<string, AwsKeys>();
  const byId = new Map<string, string>();
  const denials: Denial[] = [];
  const used = new Map<string, Used[]>();
  return {
    keysOf(principal) {
      const kept = byPrincipal.get(principal);
      if (kept) return kept;
      const keys = {
        accessKeyId: `TEST${randomBytes(8).toString("hex").toUpperCase()}`,
        secretAccessKey: randomBytes(30).toString("base64url"),
        sessionToken: randomBytes(48).toString("base64url"),
      };
      byPrincipal.set(principal, keys);
      byId.set(keys.accessKeyId, principal);
      return keys;
    },
    keysById: (accessKeyId) => byPrincipal.get(byId.get(accessKeyId) ?? ""),
    principalOf: (accessKeyId) => byId.get(accessKeyId),
    decide(principal, ask) {
      const decision = evaluate(statementsOf(principal) ?? [], ask);
      if (!decision.isAllowed) denials.push({ principal, ask });
      const before = used.get(principal) ?? [];
      before.push(...decision.used.filter((one) => !before.some((known) => isSame(known, one))));
      used.set(principal, before);
      return decision.isAllowed;
    },
    denials,
    used,
  };
};

const isSame = (one: Used, other: Used): boolean =>
  one.statement === other.statement &&
  one.action === other.action &&
  one.resource === other.resource &&
  one.pattern === other.pattern;
