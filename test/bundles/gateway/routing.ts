import type { Route } from "../stack/deployed.ts";

export type Match = { route: Route; parameters: Record<string, string> };

/** The route of a request as an HTTP API finds it: the most of fixed text first, `{name+}` after that, $default last. */
export const findRoute = (routes: readonly Route[], method: string, rawPath: string): Match | undefined => {
  const matches = routes.flatMap((route) => {
    const [routeMethod, template = ""] = route.key.split(" ");
    if (routeMethod !== method && routeMethod !== "ANY") return [];
    const parameters = parametersOf(template, rawPath);
    return parameters ? [{ route, parameters, rank: rankOf(template, routeMethod === "ANY") }] : [];
  });
  const [first] = matches.sort((one, other) => (one.rank < other.rank ? -1 : 1));
  if (first) return first;
  const fallback = routes.find(({ key }) => key === "$default");
  return fallback && { route: fallback, parameters: {} };
};

/** Less is more exact: fixed text before parameters, from left to right, and a method before ANY. */
const rankOf = (template: string, isAny: boolean): string =>
  template
    .split("/")
    .map((part) => (part.endsWith("+}") ? "2" : part.startsWith("{") ? "1" : "0"))
    .join("") + (isAny ? "b" : "a");

/** Decoded, as an HTTP API hands them on; the path is matched as it came. */
const parametersOf = (template: string, path: string): Record<string, string> | undefined => {
  const wanted = template.split("/");
  const given = path.split("/");
  const parameters: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const name = /^\{(\w+)(\+?)\}$/.exec(part);
    const segment = name?.[2] === "+" ? given.slice(at).join("/") : given[at];
    if (segment === undefined || (name ? segment === "" : part !== segment)) return undefined;
    if (name?.[1]) parameters[name[1]] = decoded(segment);
    if (name?.[2] === "+") return parameters;
  }
  return wanted.length === given.length ? parameters : undefined;
};

/** What cannot be decoded stays as it came. */
export const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
