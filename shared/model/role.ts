/** What a caller may do, weakest first; each role may do all that those before it may. */
export const roles = ["read", "provision", "admin"] as const;

/**
 * `read` reads everything; `provision` also changes users, groups and members; `admin` also integrations, and decides
 * what the guard holds.
 */
export type Role = (typeof roles)[number];

/** The role and all that are stronger: whoever has one of them may make a call that needs it. */
export const rolesFrom = (needed: Role): Role[] => roles.slice(roles.indexOf(needed));

/** Whether a holder of `held` may make a call that needs `needed`. */
export const reaches = (held: Role, needed: Role): boolean => rolesFrom(needed).includes(held);
