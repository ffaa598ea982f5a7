import { badRequest } from "../errors/scim-error.ts";

/** A bracket, a text in quotes as it stands, or a word: a name, an operator or another literal. */
const token = /\s+|[()[\]]|"(?:[^"\\]|\\.)*"|[^\s()[\]"]+/sy;

/** The tokens of a filter, without the blanks between. Throws `invalidFilter` where a text has no end. */
export const readTokens = (text: string): string[] => {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const [found] = token.exec(text) ?? [];
    if (found === undefined)
      throw badRequest("invalidFilter", "The filter has a double quote that nothing closes.");
    if (found.trim() !== "") tokens.push(found);
  }
  return tokens;
};
