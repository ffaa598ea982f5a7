import { createHash, randomBytes } from "node:crypto";

/** Tells scanners of secrets what a token is that lies around. */
const prefix = "usher_scim_";

/** A new token: 256 random bits behind a prefix that names the kind. */
export const newToken = (): string => `${prefix}${randomBytes(32).toString("base64url")}`;

/**
 * SHA-256 in hexadecimal digits, which is all that is kept of a token, and the key under which it is found. A token has far
 * more entropy than can be tried out, so that a slow hash would protect nothing.
 */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

export const hintOf = (token: string): string => token.slice(-4);
