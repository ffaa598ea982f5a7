import type { Attributes } from "../../model/attributes.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import type { Action } from "../../model/receipt.ts";
import type { Mark, Note, Worked } from "../attempts/run-attempt.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";

/** What carrying out a user's plan works with. */
export type UserContext = IntegrationContext & {
  provider: ServiceProvider;
  link: UserLink;
  mark: Mark;
  note: Note<UserObserved>;
  /** The provider is sent nothing from here on. Unix ms. */
  sendUntil: number;
  /** What the same call has just asked the provider for, and found to be nobody's. */
  absent?: Attributes | undefined;
};

export type UserOutcome = Worked<UserObserved> & {
  does?: Action;
  /** The failure is dealt with by planning once more, e.g. an update that met a verified 404. */
  again?: true;
  /**
   * What was looked for may turn up yet, or what was accepted be carried out: the state is pending, and the same call
   * again looks once more.
   */
  waits?: true;
  /** The provider has just been asked for these names, and has no account of them. */
  absent?: Attributes;
};
