import { isDeepStrictEqual } from "node:util";
import { parseScimPath } from "../../mapping/scim-path.ts";
import type { AttributeChange } from "../../model/attributes.ts";
import type { Profile } from "../../model/profile.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";

/** How a PATCH says a change (RFC 7644 §3.5.2), by kind of change. Some providers ignore, or refuse, one of the ways. */
export type Wording = {
  /** `title`: by its path, or inside a value without a path. */
  plain: "path" | "pathless";
  /** `name.givenName`: by its path, nested without a path, or nested with all that its parent holds. */
  part: "dotted" | "nested" | "whole";
  /** An attribute of an extension: by its path, or nested under its URN without a path. */
  extension: "path" | "nested";
  clear: "remove" | "empty";
  /** What had no value before. */
  missing: "replace" | "add";
};

/**
 * As the profile says. Extensions go by path in any case: a value that nests one under its URN is refused by the library
 * that strongDM very probably runs, with all that goes out beside it.
 */
export const wordingOf = ({ patchPathStyle, clear }: Pick<Profile, "patchPathStyle" | "clear">): Wording => ({
  plain: patchPathStyle,
  part: patchPathStyle === "path" ? "dotted" : "nested",
  extension: "path",
  clear,
  missing: "replace",
});

/** Which of the ways of setting a value a path has. */
export const shapeOf = (path: string): "plain" | "part" | "extension" => {
  const { urn, sub } = parseScimPath(path) ?? { attribute: path };
  if (urn !== undefined) return "extension";
  return sub === undefined ? "plain" : "part";
};

const others = {
  plain: { path: "pathless", pathless: "path" },
  part: { dotted: "whole", nested: "dotted", whole: "dotted" },
  extension: { path: "nested", nested: "path" },
  clear: { remove: "empty", empty: "remove" },
} as const;

/** These changes said the other way; all others as before. */
export const otherWording = (wording: Wording, changes: AttributeChange[]): Wording => {
  const shapes = new Set(changes.filter(({ to }) => to !== undefined).map(({ path }) => shapeOf(path)));
  const cleared = changes.filter(({ to }) => to === undefined).map(({ path }) => shapeOf(path));
  // Where a part is not cleared by its path, an empty value at the same path would not be taken either.
  if (cleared.includes("part")) shapes.add("part");
  return {
    ...wording,
    ...(shapes.has("plain") && { plain: others.plain[wording.plain] }),
    ...(shapes.has("part") && { part: others.part[wording.part] }),
    ...(shapes.has("extension") && { extension: others.extension[wording.extension] }),
    ...(cleared.length > 0 && { clear: others.clear[wording.clear] }),
  };
};

/**
 * How to say it after a 400, once: `add` where a replace found no target, though RFC 7644 §3.5.2.3 has it add what is not
 * there; or as the profile says, where another way had been learned. Undefined where there is no other.
 */
export const wordingAfterRefusal = (
  wording: Wording,
  usual: Wording,
  changes: AttributeChange[],
  error: unknown,
): Wording | undefined => {
  if (!(error instanceof ProviderFailure) || error.status !== 400) return undefined;
  const isNew = changes.some(({ from, to }) => from === undefined && to !== undefined);
  const { scimType, details } = error;
  const lacksTarget = scimType === "noTarget" || (!scimType && /\btarget\b/i.test(details.join(" ")));
  if (isNew && lacksTarget && wording.missing === "replace") return { ...wording, missing: "add" };
  return isDeepStrictEqual(wording, usual) ? undefined : usual;
};
