import { directoryUserSchema } from "../../model/directory.ts";
import { areLines, isLine, isPersonText, lineHint, linesHint, personTextHint } from "../../model/text.ts";
import { badRequest } from "../errors/scim-error.ts";
import type { Attribute, TextKind } from "../schemas/attribute.ts";

/** What the directory takes as a text of each kind, and how to say so. */
const kinds: Record<TextKind, { maxLength: number; isFine(text: string): boolean; hint: string }> = {
  person: { maxLength: 1024, isFine: isPersonText, hint: personTextHint },
  lines: { maxLength: 1024, isFine: areLines, hint: linesHint },
  id: { maxLength: 256, isFine: isLine, hint: lineHint },
  email: {
    maxLength: 254,
    isFine: (text) => directoryUserSchema.shape.email.safeParse(text).success,
    hint: "give an e-mail address, such as ada@example.com",
  },
};

/**
 * A text, as it was sent; undefined where it is blank: "" is how some clear an attribute. `name` is what messages call it.
 *
 * @throws ScimError `invalidValue`
 */
export const readText = (
  { text = "person" }: Attribute,
  name: string,
  value: unknown,
): string | undefined => {
  if (typeof value !== "string") throw badRequest("invalidValue", `${name} has to be a text.`);
  if (value.trim() === "") return undefined;
  const { maxLength, isFine, hint } = kinds[text];
  if (value.length > maxLength)
    throw badRequest("invalidValue", `${name} is longer than ${maxLength} characters.`);
  if (!isFine(value)) throw badRequest("invalidValue", `${name} is not as it has to be: ${hint}.`);
  return value;
};
