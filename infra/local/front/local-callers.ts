import { createHash, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { type Role, roles } from "../../../shared/model/role.ts";
import { checkToken, readOrMakeToken } from "./token.ts";

/** Who holds a token of the local run: the id in events, and the role. */
export type LocalCaller = { id: string; role: Role };
type KeptToken = { token: string; path: string };
/** `path` is where a token is kept; absent where the admin's was given. */
export type LocalTokens = { read: KeptToken; provision: KeptToken; admin: { token: string; path?: string } };

const callers: Record<Role, { id: string; file: string }> = {
  read: { id: "local-auditor", file: "auditor-token" },
  provision: { id: "local-provisioner", file: "provisioner-token" },
  admin: { id: "local-admin", file: "token" },
};

/**
 * A token for each role, kept in files of the data folder, which are made where they are not there; the admin's is
 * `given` instead where it is.
 *
 * @throws Error where one cannot be sent in a header, or two are the same
 */
export const readOrMakeTokens = (dataDir: string, given?: string): LocalTokens => {
  const kept = (role: Role): KeptToken => {
    const path = join(dataDir, callers[role].file);
    return { token: readOrMakeToken(path), path };
  };
  const admin = given ? { token: checkToken(given, "USHER_TOKEN") } : kept("admin");
  const tokens = { read: kept("read"), provision: kept("provision"), admin };
  if (new Set(Object.values(tokens).map(({ token }) => token)).size < roles.length)
    throw new Error(
      `two roles have the same token. Delete ${tokens.provision.path} and ${tokens.read.path}: the next start makes new ones.`,
    );
  return tokens;
};

/** Finds whose token an Authorization header carries. Each token is compared, in constant time. */
export const callerFinder = (
  tokens: Record<Role, { token: string }>,
): ((authorization: string | undefined) => LocalCaller | undefined) => {
  const wanted = roles.map((role) => ({ id: callers[role].id, role, digest: digestOf(tokens[role].token) }));
  return (authorization) => {
    const given = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) return undefined;
    const digest = digestOf(given);
    const [found] = wanted.filter((one) => timingSafeEqual(digest, one.digest));
    return found && { id: found.id, role: found.role };
  };
};

/** Of equal length whatever was sent, as the constant-time comparison needs. */
const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();
