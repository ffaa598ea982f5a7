import type * as z from "zod";
import type { FailureCode } from "../model/failure.ts";
import type { Role } from "../model/role.ts";
import type { StateAccess } from "../model/state-access.ts";
import type { Caller } from "./caller.ts";

/** What a Lambda may touch; the stack turns it into the narrowest IAM statements that allow it. */
export type Access = {
  /** Table of state. What the parts below need of it comes with them. */
  state?: StateAccess;
  /** To carry calls out without writing, as `rehearse` does: it reads what the call and whoever goes on with it would. */
  rehearses?: boolean;
  /** Table of events: `put` is PutItem alone. Nobody updates or deletes. */
  events?: "put" | EventReads;
  /** Secrets of integrations, under their one prefix. `delete` is allowed with a recovery window alone. */
  secrets?: readonly ("create" | "read" | "put" | "restore" | "delete" | "describe")[];
  /** Secrets that operators have made for `secretArn`, under a prefix of their own: to read them. */
  givenSecrets?: boolean;
  /** The key that hashes bodies kept with an `Idempotency-Key`. */
  idempotencyKey?: boolean;
  /** The same key, where secrets are compared by their hash. */
  hashKey?: boolean;
  /** The queue of wake-ups: `send` is SendMessage alone, `consume` what its trigger needs to read and delete. */
  wakeUps?: readonly ("send" | "consume")[];
  /** The record of what people were told, in the table of state, and the topic and webhook that tell them. */
  notices?: boolean;
  /** To be triggered by the stream of the state table, and to tell of records that failed. */
  changes?: boolean;
  /** The same for the stream of the events table. */
  eventChanges?: boolean;
};

/** Reads of the table of events; `query` names its indexes, or the table itself. */
export type EventReads = {
  readonly get?: true;
  readonly batchGet?: true;
  readonly query?: readonly ("table" | EventIndex)[];
};
export type EventIndex =
  | "byIntegration"
  | "bySubject"
  | "byType"
  | "byInitiator"
  | "byCorrelation"
  | "byFailure";

/**
 * Who may call: whoever has the role or a stronger one, or everybody where no caller is asked for, as for health and the
 * OpenAPI document. A route without either does not compile.
 */
export type Admission = { open: true; role?: never } | { role: Role; open?: never };

/** The route of a Lambda, all that the stack, the local server and the OpenAPI document need to know of it. */
export type Route = {
  /** Kebab case: the Lambda and its file `functions/<name>.ts`, which exports `handler`. */
  name: string;
  method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** API Gateway form, e.g. `/integrations/{integrationId}/users/{userId}`. */
  path: string;
  summary: string;
  access: Access;
} & Admission;

type Shape = z.ZodType | undefined;
type Parsed<S extends Shape> = S extends z.ZodType ? z.infer<S> : undefined;

export type Request<P extends Shape, Q extends Shape, B extends Shape> = {
  /** As called; the path without its query. */
  method: string;
  path: string;
  params: Parsed<P>;
  query: Parsed<Q>;
  body: Parsed<B>;
  /** Request headers by lower-case name. */
  headers: Record<string, string>;
  caller: Caller;
  /** Undefined with IAM, where only the gateway knows. */
  role: Role | undefined;
  /** Unix ms: when the call must have answered. */
  deadline: number;
};

export type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

export type Endpoint<P extends Shape = Shape, Q extends Shape = Shape, B extends Shape = Shape> = Route & {
  params?: P;
  query?: Q;
  /** Schema of the JSON body; an `.optional()` one where the call works without. */
  body?: B;
  /** Its media type in the OpenAPI document, beside `application/json`, which is always taken. */
  bodyType?: string;
  /** Successful answers by status, for the OpenAPI document. */
  answers: Record<number, { description: string; schema?: z.ZodType; headers?: readonly AnswerHeader[] }>;
  /** The failures that this call adds to those that its method, path and access bring. */
  failures: readonly FailureCode[];
  handle(request: Request<P, Q, B>): Promise<Answer>;
};
type AnswerHeader = "ETag" | "Location" | "Retry-After";

/** The endpoint as it is, with the types of its request read off its schemas. */
export const defineEndpoint = <
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends Shape = undefined,
>(
  endpoint: Endpoint<P, Q, B>,
): Endpoint<P, Q, B> => endpoint;
