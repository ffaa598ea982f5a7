import type { Attributes } from "../model/attributes.ts";
import type { DirectoryUser } from "../model/directory.ts";
import type { AttributeMapping } from "../model/integration.ts";
import { readAsSpelled } from "./directory-source.ts";
import { ownRows } from "./own-rows.ts";
import { renderTemplate } from "./template.ts";

const sources: Record<string, AttributeMapping> = {
  userName: { target: "userName", source: "email" },
  externalId: { target: "externalId", source: "userId" },
};

/**
 * The attributes that a user is looked up by as the directory itself spells them, where that is another spelling than
 * `sent`: e-mail addresses are sent in lower case, and some providers mind the case of what they compare.
 */
export const spelledNames = (
  user: DirectoryUser,
  userId: string,
  rows: AttributeMapping[],
  sent: Attributes,
): Attributes => {
  const { replacements } = ownRows(rows);
  const read = (source: string) => readAsSpelled(user, userId, source);
  return Object.fromEntries(
    Object.entries(sources).flatMap(([target, byDefault]) => {
      const row = replacements.get(target) ?? byDefault;
      const value =
        "source" in row
          ? read(row.source)
          : "template" in row
            ? renderTemplate(row.template, read)
            : undefined;
      return typeof value === "string" && value !== sent[target] ? [[target, value]] : [];
    }),
  );
};
