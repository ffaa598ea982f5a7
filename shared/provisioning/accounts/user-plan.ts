import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { FieldError } from "../../model/failure.ts";
import type { Action } from "../../model/receipt.ts";

/** What one attempt is to do for a user. Pure: the same state gives the same plan. */
export type UserPlan =
  | { kind: "nothing"; action: Extract<Action, "unchanged" | "skipped">; reason?: string }
  /**
   * No account is known, or the known id was learned under another base URL (`verify`): look up first. `spelled`: see
   * `spelledNames`.
   */
  | { kind: "provision"; next: Attributes; spelled: Attributes; verify?: string }
  /** An account may be there of a creation whose outcome is unknown, and is not what is wanted: look for it first. */
  | { kind: "find"; sought: Attributes }
  | {
      kind: "update";
      remoteId: string;
      next: Attributes;
      changes: AttributeChange[];
      does: "updated" | "reactivated";
      /** The call has sent for the user before: what is shown otherwise is not said another way. */
      once?: true;
    }
  /**
   * `verify`: the id was learned under another base URL. Where it is not this user's here, the account is looked up by each
   * of these names.
   */
  | {
      kind: "deprovision";
      remoteId: string;
      next: Attributes;
      changes: AttributeChange[];
      verify?: Attributes[];
    }
  | { kind: "delete"; remoteId: string; verify?: Attributes[] }
  /**
   * The account is shut out, and a request of unknown outcome may have opened it since, or what closes it was accepted and
   * is not shown to be done: read it. `isWanted`: it was to be deleted, and the user is to have one.
   */
  | { kind: "look"; isWanted?: true }
  | { kind: "unmappable"; errors: FieldError[] };
