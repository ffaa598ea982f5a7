import { ScimError } from "../../shared/scim-server/errors/scim-error.ts";

const errorOf = (act: () => unknown): ScimError | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
};

/** `"invalidFilter"`, or the status where there is no such word, of what was refused; undefined where nothing was. */
export const refusalOf = (act: () => unknown): string | undefined => {
  const error = errorOf(act);
  return error && (error.scimType ?? String(error.status));
};

/** What the refusal says. */
export const detailFrom = (act: () => unknown): string | undefined => errorOf(act)?.detail;
