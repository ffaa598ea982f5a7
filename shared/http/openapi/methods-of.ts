/** The methods that the paths of an OpenAPI document have for this path; empty where none matches. */
export const methodsOf = (paths: Record<string, object>, path: string): string[] =>
  Object.entries(paths)
    .filter(([template]) => pathMatches(template, path))
    .flatMap(([, methods]) => Object.keys(methods))
    .map((method) => method.toUpperCase());

/** Segment by segment; a parameter takes any one segment that is not empty. */
const pathMatches = (template: string, path: string): boolean => {
  const wanted = template.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith("{") ? given[at] !== "" : part === given[at]))
  );
};
