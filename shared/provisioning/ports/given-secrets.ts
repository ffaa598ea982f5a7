/**
 * Secrets that an operator has made for integrations that are still to be activated, below a prefix of their own: whoever
 * may call the API names one of them, and no other secret.
 */
export type GivenSecrets = {
  /** Begins the name of each. */
  prefix: string;
  /**
   * The text of its current version. `elsewhere`: it is not below the prefix, and was not asked for; `unknown`: there is
   * none, also after some looks, or it is scheduled for deletion; `unreadable`: it is there, and may not be read, or is no
   * text. Throws Failure `store-unavailable`.
   */
  read(arnOrName: string): Promise<{ text: string } | "elsewhere" | "unknown" | "unreadable">;
};
