import type { Attribute } from "./attribute.ts";

/**
 * The form in which texts of an attribute are compared, and in which a key of them is kept: of one case unless the
 * attribute is `caseExact`, and of one Unicode normal form, since providers compose names.
 */
export const foldText = ({ caseExact }: Pick<Attribute, "caseExact">, text: string): string =>
  caseExact ? text : text.normalize("NFC").toLowerCase();
