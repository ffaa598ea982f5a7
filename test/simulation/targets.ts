import { quirkyProfiles } from "../providers/quirky/profiles.ts";
import { mixedTarget } from "./mixed.ts";
import type { Plan } from "./plan.ts";
import { quirky, strongDm, type Target } from "./target.ts";

const known = quirkyProfiles;
export const targets = {
  generic: quirky({}),
  strongdm: strongDm("2025"),
  "strongdm-2026": strongDm("2026"),
  /** Switches of the quirky provider that each world draws anew: its plan has them. */
  mixed: quirky({}),
  "aws-identity-center": quirky(known["aws-idc"], { profile: "aws-identity-center" }),
  slack: quirky(known.slack, { profile: "slack", deleteDeactivates: true }),
  "github-emu": quirky(known["github-emu"], { profile: "github-emu" }),
  gitlab: quirky(known.gitlab, { profile: "gitlab", seedsExternalId: true }),
  pagerduty: quirky(known.pagerduty, {
    overrides: { authorizationTemplate: "Token token={clientSecret}", deactivate: "destroys" },
  }),
  liar: quirky(known.liar, { clearsMayStay: true, leaversMayStay: true, groupsMayStayUnconfirmed: true }),
  "no-patch": quirky(known["no-patch"]),
  "late-writer": quirky(known["late-writer"], { faults: 2 }),
  flaky: quirky(known.flaky, { faults: 3 }),
  zoom: quirky(known.zoom, { overrides: { contentType: "application/json" } }),
  "keycloak-501": quirky(known["keycloak-501"], { deletedStayMembers: true }),
  "cursor-only": quirky(known["cursor-only"], { overrides: { paging: { style: "cursor", maxCount: 2 } } }),
  "no-discovery": quirky(known["no-discovery"]),
  "clumsy-pager": quirky(known["clumsy-pager"]),
  "numeric-id": quirky(known["numeric-id"]),
  "relative-redirect": quirky(known["relative-redirect"]),
  atlassian: quirky(known.atlassian, { deleteDeactivates: true, deletedAreHidden: true }),
  "wso2-dup400": quirky(known["wso2-dup400"]),
  "wso2-dup500": quirky(known["wso2-dup500"]),
  "missing-id": quirky(known["missing-id"]),
  "member-strict": quirky(known["member-strict"], { membersMayRepeat: true }),
  "member-lax": quirky(known["member-lax"]),
  "frozen-inactive": quirky(known["frozen-inactive"]),
  "snowflake-old": quirky(known["snowflake-old"]),
  "too-large": quirky({ membersTooLarge413At: 2 }),
  etag: quirky(known.etag, { overrides: { etag: true } }),
} as const satisfies Record<string, Target>;

export type TargetName = keyof typeof targets;

export const targetOf = ({ target, switches }: Pick<Plan, "target" | "switches">): Target =>
  switches ? mixedTarget(switches) : targets[target];
