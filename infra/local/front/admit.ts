import type { IncomingMessage } from "node:http";
import { requireRole } from "../../../shared/http/caller-role.ts";
import type { Admission } from "../../../shared/http/endpoint.ts";
import { invalidInput } from "../../../shared/http/input/read-input.ts";
import { Failure } from "../../../shared/model/failure.ts";
import type { callerFinder, LocalCaller } from "./local-callers.ts";

/** The names that a Host header may have, and the way to a token's holder. */
export type Gate = {
  hosts: () => string[];
  /** The one beside these under which identity providers reach SCIM in. */
  publicHost: () => string | undefined;
  findCaller: ReturnType<typeof callerFinder>;
};

/**
 * Who sends the request; undefined where the call is open and there is no token. The Host comes first: what a page of
 * another site can make a browser send is told nothing, not even whether a token is right. Who has no token is not told
 * which paths there are.
 *
 * @throws Failure `invalid-input` or `forbidden` for the Host, `unauthenticated`, or `forbidden` for the role
 */
export const admit = (request: IncomingMessage, endpoint: Admission, gate: Gate): LocalCaller | undefined => {
  requireOwnHost(request, gate.hosts());
  const caller = gate.findCaller(request.headers.authorization);
  if (endpoint.open === true) return caller;
  if (!caller)
    throw new Failure("unauthenticated", "Send a token of this run as Authorization: Bearer TOKEN.");
  requireRole(endpoint.role, caller.role);
  return caller;
};

/**
 * That a request to SCIM in comes by a name of this run. Whose it is its own tokens tell.
 * @throws Failure as `admit`, for the Host alone
 */
export const admitScim = (request: IncomingMessage, { hosts, publicHost }: Gate): void => {
  const known = publicHost();
  requireOwnHost(request, [...hosts(), ...(known === undefined ? [] : [known])]);
};

const requireOwnHost = (request: IncomingMessage, hosts: string[]): void => {
  const { host: given = [] } = request.headersDistinct;
  if (given.length !== 1)
    throw invalidInput([{ path: "header.host", message: "send exactly one (RFC 9112 §3.2)" }]);
  if (!hosts.includes((given[0] ?? "").toLowerCase()))
    throw new Failure(
      "forbidden",
      `The Host header must name this machine and the port: ${hosts.join(" or ")}.`,
    );
};
