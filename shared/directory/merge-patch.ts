/**
 * The object with a JSON merge patch applied (RFC 7396 §2), for objects of which no field holds an object: null takes a
 * field away, anything else replaces it. What comes out is the caller's to check.
 */
export const mergePatch = (target: object, patch: object): object => {
  const fields = Object.entries({ ...target, ...patch });
  return Object.fromEntries(fields.filter(([, value]) => value !== null && value !== undefined));
};
