import type { Route } from "../shared/http/endpoint.ts";
import { type Role, reaches } from "../shared/model/role.ts";

/**
 * The calls that a role may make, as the ends of `execute-api` ARNs: `METHOD/path` with `*`, which in a policy stands for
 * slashes, too. Every read is one pattern; a pattern that another one covers is left out.
 *
 * @throws Error where a pattern would let in a call that needs a stronger role
 */
export const callPatterns = (routes: readonly Route[], role: Role): string[] => {
  if (role === "admin") return ["*"];
  const isAllowed = (route: Route) => route.role === undefined || reaches(role, route.role);
  const all = [...new Set(["GET/*", ...routes.filter(isAllowed).map(patternOf)])];
  const patterns = all.filter((one) => !all.some((other) => other !== one && covers(other, one)));
  for (const route of routes.filter((one) => !isAllowed(one))) {
    const pattern = patterns.find((one) => mayMatch(one, patternOf(route)));
    if (pattern !== undefined)
      throw new Error(
        `${route.method} ${route.path} needs the role ${route.role}, but ${pattern} of the role ${role} would let it in: give it another path or role`,
      );
  }
  return patterns;
};

const patternOf = ({ method, path }: Route): string => `${method}${path.replace(/\{[^}]+\}/g, "*")}`;

/** Whether `wide` matches all that `narrow` does. */
const covers = (wide: string, narrow: string): boolean =>
  matchSegments(wide.split("/"), narrow.split("/"), (segment, other) => segment === other);

/** Whether there is a call of the route, each `*` of which is one segment, that the pattern lets in. */
const mayMatch = (pattern: string, route: string): boolean =>
  matchSegments(pattern.split("/"), route.split("/"), (segment, other) => segment === other || other === "*");

/** A `*` takes one segment or more; all others are compared one by one. */
const matchSegments = (
  [segment, ...rest]: string[],
  [other, ...others]: string[],
  isEqual: (segment: string, other: string) => boolean,
): boolean => {
  if (segment === undefined || other === undefined) return segment === other;
  if (segment !== "*") return isEqual(segment, other) && matchSegments(rest, others, isEqual);
  return matchSegments(rest, others, isEqual) || matchSegments(["*", ...rest], others, isEqual);
};
