import type { RestingState } from "../../model/work.ts";
import type { LinkKey } from "../../provisioning/ports/link-store.ts";
import type { KeyRange, LinkKind } from "./keys.ts";

const restingPk = (integrationId: string, kind: LinkKind, state: RestingState): string =>
  `REST#${integrationId}#${kind}#${state}`;

/** Index byWork, too: links at which nothing is to be done, and which are not in step. They are only ever counted. */
export const restingKey = (kind: LinkKind, { integrationId, id }: LinkKey, state: RestingState) => ({
  workPk: restingPk(integrationId, kind, state),
  workSk: id,
});
export const restingLinks = (integrationId: string, kind: LinkKind, state: RestingState): KeyRange => ({
  partition: restingPk(integrationId, kind, state),
  from: "!",
  to: "~",
});
