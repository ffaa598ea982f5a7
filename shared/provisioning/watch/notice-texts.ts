import type { AttentionKind } from "../../model/attention.ts";
import type { Telling } from "./plan-messages.ts";

/** The kinds as a list of several names them. */
export const kindNames: Record<AttentionKind, string> = {
  "access-open": "access open",
  "needs-reauth": "credentials refused",
  quarantined: "in quarantine",
  held: "held by the guard",
  failed: "failed",
  unconfirmed: "unconfirmed",
  "credentials-expiring": "credentials ending",
};

/** The label of an integration, without what a chat tool may take for a link or a call to everybody. */
export const labelOf = ({ label }: { label: string }): string =>
  label.replaceAll("<", "‹").replaceAll(">", "›");

/** To the minute, in UTC. */
export const timeOf = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** What is wrong, where, since when, and what to do. */
export const openedText = (telling: Telling): string => {
  const { entry, page } = telling;
  const facts = { label: labelOf(page), since: timeOf(entry.since), id: page.integrationId };
  return opened[page.kind]({ ...facts, entry });
};

export const closedText = ({ entry, page }: Telling): string =>
  `Over: ${closed[page.kind](labelOf(page), entry)} (since ${timeOf(entry.since)}, seen to be over at ${timeOf(entry.overAt ?? entry.since)}).`;

type Facts = { label: string; since: string; id: string; entry: Telling["entry"] };

/** Who or what an entry is about. Ids are left out: many of them are addresses of people. */
const whom = ({ id, people = 0 }: Telling["entry"], one: { user: string; group: string }): string => {
  if (id === "many") return `${people - 1} users and groups or more`;
  return id.startsWith("group#") ? one.group : one.user;
};
const listOf = (kind: AttentionKind, id: string): string => `GET /attention?kind=${kind}&integrationId=${id}`;
const people = ({ people: count }: Telling["entry"]): string =>
  count === undefined ? "people" : count === 1 ? "1 person" : `${count} people`;

const opened: Record<AttentionKind, (facts: Facts) => string> = {
  "access-open": ({ label, since, id, entry }) => {
    const who = whom(entry, { user: "somebody", group: `${people(entry)} who are to be out of a group` });
    return `Access may still be open at ${label} for ${who}: its end was asked for at ${since} and is not confirmed. ${listOf("access-open", id)} says who and what holds it up; where that cannot wait, end the access at the service provider by hand.`;
  },
  "needs-reauth": ({ label, since, id }) =>
    `${label} has refused the credentials since ${since}, and nothing is sent there, closing accounts included. Give the integration new ones with POST /integrations/${id}/reauth.`,
  quarantined: ({ label, since, id }) =>
    `${label} has failed whatever was sent since ${since}, so that one object in turn is tried until it recovers. GET /integrations/${id} says how it fails; where it does not recover, ask who runs the service provider.`,
  held: ({ label, since, id, entry }) =>
    `The guard holds what would take access from ${people(entry)} at ${label} since ${since}. Look at GET /integrations/${id}/holds/${entry.id.slice("hold#".length)} and approve or reject it.`,
  failed: ({ label, since, id, entry }) =>
    entry.id === ""
      ? `The verification of ${label} that begins by itself has failed since ${since}, so nobody knows whether what is there is still as it should be. ${listOf("failed", id)} says why; mend that at the service provider, then POST /integrations/${id}/syncs {"mode": "verify"}.`
      : `A change of ${whom(entry, { user: "a user", group: "a group" })} has been refused at ${label} since ${since}. ${listOf("failed", id)} says why; mend that in the directory or at the service provider, then POST /integrations/${id}/retry.`,
  unconfirmed: ({ label, since, id, entry }) =>
    `${label} took a change of ${whom(entry, { user: "a user", group: "a group" })} and has shown otherwise since ${since}. ${listOf("unconfirmed", id)} says what; compare that with the service provider, then POST /integrations/${id}/retry.`,
  "credentials-expiring": ({ label, since, id }) =>
    `The credentials of ${label} end soon, or have ended; that has been so since ${since}. GET /integrations/${id} says when; give the integration new ones with POST /integrations/${id}/reauth.`,
};

const closed: Record<AttentionKind, (label: string, entry: Telling["entry"]) => string> = {
  "access-open": (label, entry) =>
    `access that was to end at ${label} is closed, or is wanted again, for ${whom(entry, { user: "somebody", group: "who was to be out of a group" })}`,
  "needs-reauth": (label) => `${label} takes the credentials, or nothing is to be sent there any more`,
  quarantined: (label) => `${label} has recovered, and what waited goes on`,
  held: (label) => `a hold of the guard at ${label} is decided, or nobody is left in it`,
  failed: (label, entry) =>
    entry.id === ""
      ? `a verification of ${label} has succeeded`
      : `a change of ${whom(entry, { user: "a user", group: "a group" })} at ${label} is not refused any more`,
  unconfirmed: (label, entry) =>
    `a change of ${whom(entry, { user: "a user", group: "a group" })} at ${label} is not in doubt any more`,
  "credentials-expiring": (label) => `the credentials of ${label} do not end soon any more`,
};
