/**
 * `attribute eq "value"`, the one filter that every provider knows. The value is a JSON string (RFC 7644 §3.4.2.2), so
 * that no quote or backslash in a name can change the meaning.
 */
export const equals = (attribute: string, value: string): string =>
  `${attribute} eq ${JSON.stringify(value)}`;

/** A query string, percent-encoded throughout: `+` for a space is for forms, and not every server reads it. */
export const queryOf = (parameters: Record<string, string | number>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
