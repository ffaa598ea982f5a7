/** What stands for a name that is not repeated. */
const withheld = "(name withheld)";

/**
 * The name of a field or parameter that no call knows, as an answer may repeat it: a few plain words, such as `dryRun`
 * or `display_name`. Anything else may be a value in the wrong place, and so a secret.
 */
export const shownName = (name: string): string =>
  name.length <= 24 && /^_{0,2}[A-Za-z][a-z]*([A-Z][a-z]+|[_-][a-z]+){0,3}_{0,2}$/.test(name)
    ? name
    : withheld;
