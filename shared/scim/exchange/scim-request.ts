import type { JsonObject } from "../../model/json.ts";
import type { Profile } from "../../model/profile.ts";
import type { HttpAnswer } from "../wire/transport.ts";

export type ScimRequest<T> = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Behind the base URL, encoded. */
  path: string;
  body?: JsonObject;
  /** The path names one resource by its id: a 404 then means that it is gone. */
  byId?: boolean;
  /** Headers beyond those of every request. */
  headers?: Record<string, string>;
  /** Makes a value of a 2xx. Throws `Unreadable`. */
  read: (answer: HttpAnswer) => T;
  /** Sent once, and not part of what the provider "said last". */
  aside?: boolean;
  /**
   * Asked before a repeat after an uncertain outcome, where a repeat as it was may do harm: what is to be sent now, or
   * the value of the request where nothing is left to be sent. Undefined where it cannot tell: then nothing is
   * repeated.
   */
  again?: () => Promise<{ body: JsonObject } | { value: T } | undefined>;
};

/** Sends one SCIM request with all its retries. Throws `ProviderFailure` and nothing else. */
export type ScimCall = <T>(request: ScimRequest<T>) => Promise<T>;

/** What all requests to one opened provider share. */
export type ScimContext = { call: ScimCall; profile: Profile };

export type Collection = "Users" | "Groups";

/** One resource at the provider, by its id there. */
export type ResourceContext = ScimContext & { collection: Collection; id: string };
