/** A name without what many providers do to names: they compose Unicode (RFC 8265 §3.3.2), and take blanks around away. */
const inOneForm = (name: string): string => name.normalize("NFC").trim();

/** Whether these differ in Unicode normal form and blanks around them alone. */
export const isSpelledAlike = (one: string, other: string): boolean => inOneForm(one) === inOneForm(other);

/**
 * The same text for all that a provider may hold to be one name: `userName` and `displayName` are compared without regard to
 * case (RFC 7643 §8.7.1: caseExact false).
 */
export const comparableName = (name: string): string => inOneForm(inOneForm(name).toLowerCase());

/** Whether a provider may hold these two to be one name. */
export const isSameName = (one: string, other: string): boolean =>
  comparableName(one) === comparableName(other);

/** Whether the text begins with these characters, in any case and Unicode normal form. */
export const beginsWith = (text: string, beginning: string): boolean =>
  text.normalize("NFC").toLowerCase().startsWith(beginning.normalize("NFC").toLowerCase());

/** Ids that differ in case alone are one: some providers show an id in another case than it is asked for. */
export const isSameId = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
