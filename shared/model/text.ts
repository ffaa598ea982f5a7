// By number, as validators of JSON Schema may read patterns without the flag `u`.
const controls = "\\u0000-\\u001F\\u007F-\\u009F";

/**
 * Characters that move or hide the text around them: controls, line and paragraph separators, and what embeds, isolates
 * or overrides a direction (Unicode UAX #9). A log or an audit that shows them tells another story than it holds.
 */
const misleading = `${controls}\\u2028\\u2029\\u202A-\\u202E\\u2066-\\u2069`;

/** Names of groups come from directories in every script, whose marks (U+200E, U+200F, U+061C) have a use there. */
export const plainName = new RegExp(`^[^${misleading}]*$`, "u");

/** What people type in for the audit and for labels: no invisible mark has a use there. */
export const plainText = new RegExp(`^[^${misleading}\\u061C\\u200B\\u200E\\u200F\\uFEFF]*$`, "u");

export const plainTextHint = "use no control characters, and none that change the direction of text";

/** The same text with a blank in place of each such character. */
export const madePlain = (text: string): string =>
  text.replace(new RegExp(`[${misleading}\\u061C\\u200B\\u200E\\u200F\\uFEFF]`, "gu"), " ");

/** Of the text of a person: marks that real scripts need stay, halves of a surrogate pair and blanks alone do not. */
export const isPersonText = (text: string): boolean =>
  plainName.test(text) && text.isWellFormed() && (text === "" || text.trim() !== "");

export const personTextHint =
  "use no control characters, none that change the direction of text, and more than blanks";

const withoutControls = new RegExp(`^[^${controls}]*$`, "u");

/** One line. Marks of direction stay: numbers that are copied from a page bring them along. */
export const isLine = (text: string): boolean => withoutControls.test(text) && text.isWellFormed();
export const lineHint = "use no control characters and no halves of a surrogate pair";

/** The same of several lines, with tabs. */
export const areLines = (text: string): boolean => isLine(text.replace(/[\t\n\r]/g, " "));
export const linesHint = "use no control characters but line breaks and tabs";
