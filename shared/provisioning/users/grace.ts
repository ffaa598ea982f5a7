import { isLetIn } from "../../model/directory.ts";
import { isInScope } from "../assignments/assignment.ts";
import type { UserState } from "./user-state.ts";

type State = Pick<UserState, "link" | "saved">;

/** Whether nothing holds the user any longer. Who is suspended, has left, or was taken out by a call has no grace. */
export const mayHaveGrace = ({ link: { assignment }, saved }: State): boolean =>
  !isInScope(assignment) && !assignment.excluded && !!saved && !saved.deleted && isLetIn(saved);

/** Whether the account is kept at `now` (Unix ms) by `policies.unassignedGrace`: nothing is wanted of it until that is over. */
export const isInGrace = (state: State, now: number): boolean => {
  const { work } = state.link;
  return work?.isGrace === true && work.state === "pending" && work.at > now && mayHaveGrace(state);
};
