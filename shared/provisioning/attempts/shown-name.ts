import { isSameName } from "../../common/names.ts";
import { asText, readAttribute } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";

/** Longer ones are not kept. */
const longestName = 1_000;

/** The name that is shown, where it is another spelling than the one that was sent and fit to be kept. */
export const otherSpelling = (shown: unknown, sent: unknown): { shownName?: string } =>
  typeof shown === "string" &&
  shown !== "" &&
  shown !== sent &&
  shown.length <= longestName &&
  shown.isWellFormed()
    ? { shownName: shown }
    : {};

export const spellingOf = (
  { resource }: RemoteResource,
  attribute: "userName" | "displayName",
  sent: unknown,
): { shownName?: string } => otherSpelling(readAttribute(resource, attribute), sent);

/**
 * Whether the account has a userName that it was given, or may have taken, in the provider's spelling or ours, or one
 * of `more`.
 */
export const isKnownAs = (
  account: RemoteResource,
  { pushed, uncertain, shownName }: UserObserved,
  more: string[] = [],
): boolean => {
  const shown = asText(readAttribute(account.resource, "userName"));
  return [pushed?.userName, uncertain?.userName, shownName, ...more].some(
    (name) => shown !== "" && isSameName(asText(name), shown),
  );
};

/** For the event. */
export const spellingNotes = ({ shownName }: { shownName?: string }): string[] =>
  shownName === undefined ? [] : [`The provider shows it under the name ${shownName}.`];

/** For the event: the provider took the change, and its answer says otherwise. It is not sent again. */
export const unconfirmedNotes = (what: string[]): string[] =>
  what.length === 0
    ? []
    : [
        `Unconfirmed: the service provider accepted the change, and its answer does not show that of ${what.join(", ")}.`,
      ];
