/** The ETag of a version, a weak one (RFC 7644 §3.14): bodies of one version may differ in what is shown. */
export const etagOf = (version: number): string => `W/"${version}"`;

/**
 * Whether a resource of this version fits `If-Match` or `If-None-Match`: one of the tags is its own, strong or weak, or
 * it is `*`.
 */
export const hasEtag = (header: string, version: number): boolean => {
  if (header.trim() === "*") return true;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(`"${version}"`);
};
