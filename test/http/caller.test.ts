import { expect, test } from "vitest";
import { readCaller } from "../../shared/http/caller.ts";
import { Failure } from "../../shared/model/failure.ts";
import { anEvent, type EventParts } from "./support.ts";

const callerOf = (parts: EventParts) => readCaller(anEvent(parts), false);
const iam = (userArn: string) => ({
  authorizer: { iam: { userArn, userId: "AIDA", accountId: "123456789012" } },
});
const jwt = (claims: object) => ({ authorizer: { jwt: { claims, scopes: [] } } });

test.each([
  ["arn:aws:iam::123456789012:user/ada", "admin"],
  ["arn:aws:iam::123456789012:root", "admin"],
  ["arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123/ada@example.com", "admin"],
  ["arn:aws:sts::123456789012:assumed-role/hr-sync/i-0abc", "service"],
])("IAM: %s is a(n) %s", (arn, type) => {
  expect(callerOf(iam(arn))).toMatchObject({ initiatedBy: { type, id: arn }, authMethod: "iam" });
});

test("JWT: a person with an e-mail address", () => {
  expect(callerOf(jwt({ sub: "u-1", email: "ada@example.com", client_id: "console" }))).toMatchObject({
    initiatedBy: { type: "admin", id: "u-1", email: "ada@example.com" },
    authMethod: "jwt",
  });
});

test.each([
  [{ sub: "c-1", client_id: "c-1" }, "c-1"],
  [{ client_id: "c-1" }, "c-1"],
  [{ sub: "c-1@clients", azp: "c-1", gty: "client-credentials" }, "c-1@clients"],
])("JWT: a program (%j)", (claims, id) => {
  expect(callerOf(jwt(claims)).initiatedBy).toEqual({ type: "service", id });
});

test("the local run's token", () => {
  expect(callerOf({})).toMatchObject({
    initiatedBy: { type: "admin", id: "local-admin" },
    authMethod: "token",
  });
});

test.each([[null], [{}], [{ jwt: { claims: {} } }], [{ iam: {} }]])(
  "no verified identity (%j): 401",
  (authorizer) => {
    expect(() => callerOf({ authorizer })).toThrow(expect.objectContaining({ code: "unauthenticated" }));
    expect(readCaller(anEvent({ authorizer }), true).authMethod).toBe("none");
  },
);

test("address and user agent come from the gateway; a long agent is cut", () => {
  const caller = callerOf({ sourceIp: "2001:db8::1", headers: { "user-agent": `a\tb${"x".repeat(400)}` } });
  expect(caller.clientIp).toBe("2001:db8::1");
  expect(caller.userAgent).toHaveLength(256);
  expect(caller.userAgent).toMatch(/^a bx+$/);
});

test("a correlation id is taken over", () => {
  const caller = callerOf({ headers: { "x-correlation-id": "ticket-7" } });
  expect(caller.correlation).toEqual({ id: "ticket-7", type: "request" });
});

test("an empty correlation id: a new one, the same at each reading", () => {
  const event = anEvent({ headers: { "x-correlation-id": "" } });
  const { id } = readCaller(event, false).correlation;
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(readCaller(event, false).correlation.id).toBe(id);
});

test.each(["a b", "ä", "a,b", "x".repeat(129)])("correlation id %j is refused", (given) => {
  expect(() => callerOf({ headers: { "x-correlation-id": given } })).toThrow("invalid-input");
});

test("a change reason is kept, in any script", () => {
  expect(callerOf({ headers: { "change-reason": " Überprüfung CHG-7 " } }).reason).toBe("Überprüfung CHG-7");
  expect(callerOf({ headers: { "change-reason": "x".repeat(256) } }).reason).toHaveLength(256);
  expect(callerOf({ headers: { "change-reason": "  " } })).not.toHaveProperty("reason");
});

test("the person for whom a program calls is kept with the program", () => {
  const onBehalfOf = `${"x".repeat(239)}@example.com`;
  const { initiatedBy } = callerOf({
    ...iam("arn:aws:iam::123456789012:role/hr"),
    headers: { "on-behalf-of": ` ${onBehalfOf}ö ` },
  });
  expect(initiatedBy).toEqual({
    type: "service",
    id: "arn:aws:iam::123456789012:role/hr",
    onBehalfOf: `${onBehalfOf}ö`,
  });
  expect(callerOf({ headers: { "on-behalf-of": "" } }).initiatedBy).not.toHaveProperty("onBehalfOf");
});

const unkept = (maxLength: number) => ["x".repeat(maxLength + 1), "a\u0000b", "a\nb", "a\u202eb"];
test.each([
  ...unkept(256).map((text) => ["change-reason", text] as const),
  ...unkept(254).map((text) => ["on-behalf-of", text] as const),
])("%s that cannot be kept (%#): 400", (name, text) => {
  const read = () => callerOf({ headers: { [name]: text } });
  expect(read).toThrow(Failure);
  expect(read).toThrow(
    expect.objectContaining({
      code: "invalid-input",
      extras: { errors: [expect.objectContaining({ path: `header.${name}` })] },
    }),
  );
});
