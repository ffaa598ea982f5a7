import { formsOf } from "./redact.ts";

/**
 * A shorter secret may be a word that names and titles hold for reasons of their own. Hidden there it would destroy
 * data: an account whose userName is not shown as it is would not be found, and made a second time.
 */
const shortest = 12;

const wholeFormsOf = (secret: string): string[] => {
  const forms = formsOf(secret).map((form) => form.toLowerCase());
  return [...new Set([...forms, ...forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))])];
};

/**
 * JSON may spell a character as an escape (RFC 8259 §7): PHP writes `\/`, Python `\u00e4`. One spelling can be
 * searched.
 */
const inOneSpelling = (text: string): string =>
  /\\[/u]/.test(text)
    ? text.replace(/\\\\|\\\/|(?:\\u[\dA-Fa-f]{4})+/g, (found) =>
        found === "\\\\" ? found : JSON.stringify(JSON.parse(`"${found}"`)).slice(1, -1),
      )
    : text;

/** Of the same length as the text: one letter has a longer lower case (U+0130). */
const lowerOf = (text: string): string => {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replaceAll("İ", "i").toLowerCase();
};

const without = (text: string, form: string): string => {
  const lower = lowerOf(text);
  let clean = "";
  let from = 0;
  for (let at = lower.indexOf(form); at !== -1; at = lower.indexOf(form, from)) {
    clean += `${text.slice(from, at)}[redacted]`;
    from = at + form.length;
  }
  return clean + text.slice(from);
};

/**
 * Makes a function that takes the whole secret out of a resource, in any case, percent-encoded, JSON-escaped,
 * hexadecimal or base64: an id, a title or a link would keep what the provider echoes. Parts of it stay, since they may
 * be words. A text without it comes back as it is, after a search.
 */
export const createResourceRedactor = (secret: string): ((text: string) => string) => {
  if (secret.length < shortest) return (text) => text;
  let forms: string[] | undefined;
  return (text) => {
    forms ??= wholeFormsOf(secret);
    const spelled = inOneSpelling(text);
    const lower = lowerOf(spelled);
    return forms.some((form) => lower.includes(form)) ? forms.reduce(without, spelled) : text;
  };
};
