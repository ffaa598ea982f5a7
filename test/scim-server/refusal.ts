import { ScimError } from "../../shared/scim-server/errors/scim-error.ts";

/** `"invalidFilter"`, or the status where there is no such word, of what was refused; undefined where nothing was. */
export const refusalOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    return error.scimType ?? String(error.status);
  }
};
