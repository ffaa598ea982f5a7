import { fitAttributes } from "../../mapping/fit-attributes.ts";
import { mapUser } from "../../mapping/map-user.ts";
import { spelledNames } from "../../mapping/spelled-names.ts";
import type { Attributes } from "../../model/attributes.ts";
import type { SavedUser } from "../../model/directory.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import type { Profile } from "../../model/profile.ts";
import { accountNames } from "../accounts/account-names.ts";

type State = { saved: SavedUser | undefined; link: UserLink; integration: Integration; profile: Profile };

/**
 * What an account is looked up by whose id was learned under another base URL, where that is not the user's any more: the
 * names that it was given or may have taken, and those that it would be created with now. Each is one look-up.
 */
export const namesToVerify = (state: State): Attributes[] => {
  const { pushed, uncertain } = state.link.observed;
  const all = [{ ...uncertain, ...pushed }, { ...pushed, ...uncertain }, ...wantedNames(state)].map(
    accountNames,
  );
  const { userFilter } = state.profile;
  const keyOf = ({ userName, externalId }: Attributes) =>
    userFilter === "userName" ? userName : userName && externalId;
  const byKey = new Map(all.map((names) => [keyOf(names), names]));
  byKey.delete(undefined);
  return [...byKey.values()];
};

const wantedNames = ({ saved, integration, profile }: State): Attributes[] => {
  if (!saved) return [];
  const { user, userId } = saved;
  const rows = integration.attributeMappings;
  const mapped = mapUser(user, userId, rows, {});
  const fitted = "missing" in mapped ? mapped : fitAttributes(mapped.attributes, profile);
  if ("missing" in fitted) return [];
  const next = fitted.attributes;
  return [next, { ...next, ...spelledNames(user, userId, rows, next) }];
};
