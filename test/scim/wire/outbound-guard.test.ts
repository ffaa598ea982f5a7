import type { LookupAddress } from "node:dns";
import { describe, expect, test } from "vitest";
import { isForbiddenAddress } from "../../../shared/scim/wire/addresses.ts";
import { checkBaseUrl } from "../../../shared/scim/wire/outbound-guard.ts";
import { failureOf, listOf, open, startServer } from "../loopback.ts";

describe("a base URL is normalised", () => {
  test.each([
    ["https://scim.example.com", "https://scim.example.com"],
    ["https://scim.example.com/", "https://scim.example.com"],
    ["  https://SCIM.Example.com:443/v2//  ", "https://scim.example.com/v2"],
    ["https://scim.example.com:8443/a/b/", "https://scim.example.com:8443/a/b"],
    ["https://bücher.example/scim", "https://xn--bcher-kva.example/scim"],
    ["https://8.8.8.8/scim", "https://8.8.8.8/scim"],
    ["https://scim.example.com:0443/v2", "https://scim.example.com/v2"],
    ["https://[2606:4700:0:0::1111]:8443/scim/", "https://[2606:4700::1111]:8443/scim"],
    ["https://[::ffff:8.8.8.8]/scim", "https://[::ffff:808:808]/scim"],
    ["https://名前.example/プロ/scim", "https://xn--ldr85b.example/%E3%83%97%E3%83%AD/scim"],
    ["https://BÜCHER.example。com", "https://xn--bcher-kva.example.com"],
    ["https://[2606:4700::1111]/scim", "https://[2606:4700::1111]/scim"],
    ["https://scim.example.com/a/../b", "https://scim.example.com/b"],
  ])("%s", (given, url) => {
    expect(checkBaseUrl(given)).toEqual({ ok: true, url });
  });
});

describe("a base URL is refused without asking DNS", () => {
  test.each([
    "",
    "scim.example.com",
    "https:scim.example.com",
    "ftp://scim.example.com",
    "http://scim.example.com",
    "https://",
    "https://user:word@scim.example.com",
    "https://user@scim.example.com",
    "https://:word@scim.example.com",
    "https://@scim.example.com",
    "https://:@scim.example.com",
    "https:///@scim.example.com",
    "https:///user:word@scim.example.com",
    "https://10.0.0.1:443@scim.example.com",
    "https://scim.example.com:65536",
    "https://scim.example.com:port",
    "https://１２７.０.０.１",
    "https://127。0。0。1",
    "https://ⓛocalhost",
    "https://%31%32%37.0.0.1",
    "https://[fe80::1%25eth0]",
    "https://[::ffff:a9fe:a9fe]",
    "https://[2606:4700::1111",
    "https://scim.example.com?x=1",
    "https://scim.example.com?",
    "https://scim.example.com/#f",
    "https://scim.exa\nmple.com",
    "https:\\\\scim.example.com",
    `https://scim.example.com/${"a".repeat(2048)}`,
    "https://localhost",
    "https://localhost./v2",
    "https://app.localhost",
    "https://127.0.0.1",
    "https://127.1",
    "https://2130706433",
    "https://0x7f000001",
    "https://0177.0.0.1",
    "https://0",
    "https://10.1.2.3",
    "https://172.31.255.255",
    "https://192.168.0.1",
    "https://169.254.169.254/latest",
    "https://0xa9fea9fe",
    "https://100.64.0.1",
    "https://224.0.0.1",
    "https://255.255.255.255",
    "https://192.0.2.1",
    "https://198.51.100.1",
    "https://203.0.113.1",
    "https://[::]",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:10.0.0.1]",
    "https://[64:ff9b::10.0.0.1]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://[2002:7f00:1::]",
    "https://[2002:a00:1::1]",
    "https://[fd00:ec2::254]",
    "https://[fe80::1]",
    "https://[ff02::1]",
    "https://[2001:db8::1]",
  ])("%s", (given) => {
    expect(checkBaseUrl(given)).toEqual({ ok: false, reason: expect.stringMatching(/^must /) });
  });

  test("http is for loopback alone, and only where code allows it", () => {
    const allowLoopback = true;
    expect(checkBaseUrl("http://127.0.0.1:8080/v2/", { allowLoopback })).toEqual({
      ok: true,
      url: "http://127.0.0.1:8080/v2",
    });
    expect(checkBaseUrl("http://localhost:8080", { allowLoopback }).ok).toBe(true);
    expect(checkBaseUrl("http://[::1]:8080", { allowLoopback }).ok).toBe(true);
    expect(checkBaseUrl("http://10.0.0.1", { allowLoopback }).ok).toBe(false);
    expect(checkBaseUrl("https://10.0.0.1", { allowLoopback }).ok).toBe(false);
    expect(checkBaseUrl("http://scim.example.com", { allowLoopback }).ok).toBe(false);
    expect(checkBaseUrl("http://127.0.0.1:8080").ok).toBe(false);
  });
});

describe("addresses", () => {
  test.each([
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
  ])("%s may be called", (address) => {
    expect(isForbiddenAddress(address)).toBe(false);
  });

  test.each([
    "fe80::1%eth0",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b:1::1",
    "2001::1",
    "3fff::1",
    "100::1",
    "not an address",
    "",
  ])("%s may not", (address) => {
    expect(isForbiddenAddress(address)).toBe(true);
  });
});

describe("names are checked after resolution", () => {
  const resolvingTo =
    (...addresses: string[]) =>
    async (): Promise<LookupAddress[]> =>
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

  test.each([
    ["a private address", ["10.0.0.7"]],
    ["instance metadata", ["169.254.169.254"]],
    ["instance metadata over IPv6", ["fd00:ec2::254"]],
    ["loopback, even where loopback is allowed", ["127.0.0.1"]],
    ["one private address among public ones", ["8.8.8.8", "192.168.1.1"]],
    ["a private address in NAT64 clothes", ["64:ff9b::a00:1"]],
  ])("a name that leads to %s is refused and nothing is sent", async (_, addresses) => {
    const provider = open("https://rebound.example/v2", { resolve: resolvingTo(...addresses) });
    const failure = await failureOf(provider.findUsers("ada@example.com"));
    expect(failure).toMatchObject({ kind: "refused-target", maybeApplied: false, status: undefined });
    expect(provider.requestCount()).toBe(0);
    expect(provider.lastAnswer()).toEqual({ details: [] });
  });

  test("localhost may lead to loopback only", async () => {
    const { baseUrl, requests } = await startServer(() => listOf());
    const named = baseUrl.replace("127.0.0.1", "localhost");
    await open(named, { resolve: resolvingTo("127.0.0.1") }).findUsers("ada@example.com");
    expect(requests).toHaveLength(1);
    const other = named.replace("localhost", "app.localhost");
    const failure = await failureOf(open(other, { resolve: resolvingTo("8.8.8.8") }).findUsers("a"));
    expect(failure.kind).toBe("refused-target");
  });

  test("a refused address fails a POST without doubt about its effect", async () => {
    const provider = open("https://rebound.example/v2", { resolve: resolvingTo("10.0.0.7") });
    const failure = await failureOf(provider.createUser({ userName: "ada@example.com" }));
    expect(failure).toMatchObject({ kind: "refused-target", maybeApplied: false });
  });

  test("an unresolvable name is unavailable, at once", async () => {
    const resolve = async (): Promise<LookupAddress[]> => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND"), {
        code: "ENOTFOUND",
        hostname: "nowhere.example",
      });
    };
    const provider = open("https://nowhere.example", { resolve });
    const failure = await failureOf(provider.createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "unavailable", maybeApplied: false });
    expect(failure.message).toContain("the name nowhere.example does not exist: check its spelling");
    expect(provider.requestCount()).toBe(1);
  });

  test("a literal address is refused when the client is opened on it, whoever let it through", async () => {
    const failure = await failureOf(open("https://169.254.169.254/latest").findUsers("a"));
    expect(failure.kind).toBe("refused-target");
  });
});
