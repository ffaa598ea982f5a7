import type { PushedMember } from "../../model/link.ts";

/** When a request was sent last that adds them, and had no answer (RFC 3339): it may be carried out late. */
export const unansweredAddition = ({
  presence,
  addedAt,
  lateAt,
  isUntold,
  since,
}: PushedMember): string | undefined => {
  if (presence === "out") return undefined;
  return addedAt ?? lateAt ?? (isUntold ? since : undefined);
};
