import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { startQuirky } from "../providers/quirky/quirky.ts";
import { failureOf, inTurn, listOf, open, secret, startServer } from "./loopback.ts";

const given = async (switches = {}) => {
  const provider = await startQuirky({ switches, token: secret });
  onTestFinished(() => provider.close());
  return provider;
};

describe("ids", () => {
  test.each([
    "k&K",
    "jo@host",
    "a b",
    "x/y",
    "a/../b",
    "..a",
    "50%25",
    "%2e%2e",
    "%",
    "ü#é?",
    "q=1;+",
    "名😀",
  ])("%s is one segment of the path in every request by id, and arrives as it is", async (id) => {
    const { baseUrl, requests } = await startServer(({ method }) =>
      method === "GET" ? { body: { id, userName: "a", displayName: "G" } } : { status: 204 },
    );
    const provider = open(baseUrl);
    const byPut = open(baseUrl, { overrides: { updates: "put" } });
    await provider.readUser(id);
    await provider.patchUser(id, [{ path: "title", to: "x" }]);
    await byPut.patchUser(id, [{ path: "title", to: "x" }]);
    await provider.deleteUser(id);
    await provider.readGroup(id);
    await provider.renameGroup(id, "H");
    await byPut.renameGroup(id, "H");
    await provider.changeMembers(id, { add: ["1"], remove: [] }, async () => {});
    await provider.deleteGroup(id);
    const [users, groups] = ["Users", "Groups"].map((name) => `/scim/v2/${name}/${encodeURIComponent(id)}`);
    expect(requests.map(({ method, path }) => [method, path])).toEqual([
      ["GET", users],
      ["PATCH", users],
      ["GET", users],
      ["PUT", users],
      ["DELETE", users],
      ["GET", groups],
      ["PATCH", groups],
      ["GET", groups],
      ["PUT", groups],
      ["PATCH", groups],
      ["DELETE", groups],
    ]);
  });

  test("accounts and groups with such ids live as any other", async () => {
    const server = await given({ awkwardIds: true });
    const provider = open(server.baseUrl);
    const users = [];
    for (let at = 0; at < 8; at += 1) users.push(await provider.createUser({ userName: `user-${at}` }));
    const ids = users.map(({ id }) => id);
    expect(ids.join()).toMatch(/(?=.*&)(?=.*%)(?=.*@)(?=.*\/)(?=.* )(?=.*ü)/);
    const group = await provider.createGroup("Everyone");
    await provider.changeMembers(group.id, { add: ids, remove: [] }, async () => {});
    expect((await provider.readGroup(group.id))?.members).toEqual(ids);
    await provider.changeMembers(group.id, { add: [], remove: ids.slice(1) }, async () => {});
    expect((await provider.readGroup(group.id))?.members).toEqual(ids.slice(0, 1));
    for (const id of ids) {
      await provider.patchUser(id, [{ path: "title", to: id }]);
      expect((await provider.readUser(id))?.resource.title).toBe(id);
      await provider.deleteUser(id);
    }
    await provider.deleteGroup(group.id);
    expect(await server.users()).toEqual([]);
    expect(await server.groups()).toEqual([]);
  });
});

describe("names and values", () => {
  test.each(['O"Brien', "back\\slash", '\\" or userName pr', "a&b=c#d", "Zoë 名😀", "tab\tnew\nline"])(
    "%j is found, and nobody else is",
    async (name) => {
      const { baseUrl } = await given();
      const provider = open(baseUrl);
      await provider.createUser({ userName: "somebody" });
      await provider.createGroup("Some group");
      const user = await provider.createUser({ userName: name });
      const group = await provider.createGroup(name);
      expect((await provider.findUsers(name)).map(({ id }) => id)).toEqual([user.id]);
      expect((await provider.findGroups(name)).map(({ id }) => id)).toEqual([group.id]);
    },
  );

  test("values of 10 KB arrive whole, in a creation and in a change", async () => {
    const server = await given();
    const provider = open(server.baseUrl);
    const long = '"ü名😀\\'.repeat(2_000).slice(0, 10_240);
    const { id } = await provider.createUser({ userName: "ada", title: long, "name.givenName": long });
    await provider.patchUser(id, [{ path: "nickName", to: long }]);
    expect((await server.users())[0]?.resource).toMatchObject({
      title: long,
      name: { givenName: long },
      nickName: long,
    });
  });

  test("a name too long for the provider's request line is a refusal in its words", async () => {
    const { baseUrl } = await given();
    const failure = await failureOf(open(baseUrl).findUsers("x".repeat(20_000)));
    expect(failure).toMatchObject({ kind: "rejected", status: 431, maybeApplied: false });
    expect(failure.message).toBe("The service provider answered 431 Request Header Fields Too Large");
  });
});

describe("bodies", () => {
  test("100 MB: the connection is dropped after a few, and the failure says that it was too large", async () => {
    let sent = 0;
    let isDropped = false;
    const chunk = Buffer.alloc(256 * 1024, 32);
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "application/scim+json" });
      response.on("close", () => {
        isDropped = true;
      });
      const more = (): void => {
        while (!isDropped && sent < 100 * 1024 * 1024) {
          sent += chunk.length;
          if (!response.write(chunk)) {
            response.once("drain", more);
            return;
          }
        }
        response.end();
      };
      more();
      return undefined;
    });
    const failure = await failureOf(open(baseUrl).createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "malformed", status: 200, maybeApplied: true });
    expect(failure.message).toBe("The service provider answered 200 OK with a body that is too large");
    await expect.poll(() => isDropped).toBe(true);
    expect(sent).toBeLessThan(20 * 1024 * 1024);
  });

  test.each([10_000, 100_000, 2_000_000])(
    "JSON nested %i deep is refused before it is parsed",
    async (depth) => {
      const body = `{"Resources": [{"userName": "a", "id": "1", "x": ${"[".repeat(depth)}${"]".repeat(depth)}}]}`;
      const { baseUrl } = await startServer(() => ({ body }));
      const began = performance.now();
      const failure = await failureOf(open(baseUrl).findUsers("a"));
      expect(failure).toMatchObject({ kind: "malformed", status: 200 });
      expect(failure.message).toContain("JSON that is nested too deeply");
      expect(performance.now() - began).toBeLessThan(2_000);
    },
  );

  const fiveMegabytesOf = (item: string) => {
    const items = Array.from({ length: Math.floor((5 * 1024 * 1024 - 100) / (item.length + 1)) }, () => item);
    return `{"totalResults": 9999999, "Resources": [${items.join()}]}`;
  };

  test.each(["{}", "[]", '{"a":[{}]}'])(
    "a body of nothing but %s is refused before it is parsed",
    async (item) => {
      const { baseUrl } = await startServer(() => ({ body: fiveMegabytesOf(item) }));
      const failure = await failureOf(open(baseUrl).findUsers("a"));
      expect(failure).toMatchObject({ kind: "malformed", status: 200 });
      expect(failure.message).toBe(
        "The service provider answered 200 OK with JSON of more than 200,000 objects and lists",
      );
    },
  );

  test("a page may hold as many resources as a list, and no more", async () => {
    const page = (length: number) =>
      listOf(...Array.from({ length }, (_, at) => ({ id: String(at), userName: "b" })));
    let length = 50_001;
    const { baseUrl } = await startServer(() => page(length));
    const failure = await failureOf(open(baseUrl).findUsers("a"));
    expect(failure).toMatchObject({ kind: "malformed", status: 200 });
    expect(failure.message).toContain("with more than 50000 resources on one page");
    length = 50_000;
    expect(await open(baseUrl).findUsers("a")).toEqual([]);
  });

  test("six look-ups at once that are answered 5 MiB of empty resources fit into a small process", async () => {
    const { baseUrl } = await startServer(() => ({ body: fiveMegabytesOf("{}") }));
    const child = fileURLToPath(new URL("lookup/lookup-child.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--max-old-space-size=128",
      child,
      baseUrl,
      "6",
    ]);
    expect(JSON.parse(stdout)).toEqual(Array(6).fill(expect.stringContaining("objects and lists")));
  });

  test("brackets inside of texts are no nesting", async () => {
    const title = `${'["{\\"'.repeat(100)}\\`;
    const { baseUrl } = await startServer(() => listOf({ id: "1", userName: "a", title }));
    expect((await open(baseUrl).findUsers("a"))[0]?.resource.title).toBe(title);
  });

  test("a refusal nested absurdly is a refusal by its status", async () => {
    const body = `${'{"detail":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    const { baseUrl } = await startServer(() => ({ status: 400, body }));
    const failure = await failureOf(open(baseUrl).createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "rejected", status: 400 });
    expect(failure.details.join("").length).toBeLessThanOrEqual(1000);
  });

  const list = JSON.stringify(listOf({ id: "jürgen", userName: "a" }).body);
  const answering = (bytes: Buffer, contentType: string) =>
    startServer((_, response) => {
      response.writeHead(200, { "content-type": contentType });
      response.end(bytes);
      return undefined;
    });

  test.each([
    ["latin-1 that says so", Buffer.from(list, "latin1"), "application/json; charset=ISO-8859-1"],
    ["latin-1 that says UTF-8", Buffer.from(list, "latin1"), "application/scim+json; charset=utf-8"],
    ["UTF-16 with its mark", Buffer.from(`\ufeff${list}`, "utf16le"), "application/json; charset=utf-16"],
    [
      "a character cut in two",
      Buffer.concat([Buffer.from(list), Buffer.from([0xc3])]),
      "application/scim+json",
    ],
  ])("%s is not believed: an id in it would be another one", async (_, bytes, contentType) => {
    const { baseUrl, requests } = await answering(bytes, contentType);
    const failure = await failureOf(open(baseUrl).findUsers("a"));
    expect(failure).toMatchObject({ kind: "malformed", status: 200 });
    expect(failure.message).toBe("The service provider answered 200 OK with a body that is not UTF-8");
    expect(requests).toHaveLength(2);
  });

  test("UTF-16 without its mark is no JSON", async () => {
    const { baseUrl } = await answering(Buffer.from('{"Resources":[]}', "utf16le"), "application/json");
    expect((await failureOf(open(baseUrl).findUsers("a"))).message).toContain("not a JSON object");
  });

  test.each([
    ["that is declared as latin-1", Buffer.from(list), "application/json; charset=ISO-8859-1"],
    ["with a mark at its beginning", Buffer.from(`\ufeff${list}`), "text/plain"],
    ["of a charset that nobody knows", Buffer.from(list), "application/scim+json; charset=klingon"],
  ])("UTF-8 %s is read as what it is", async (_, bytes, contentType) => {
    const { baseUrl } = await answering(bytes, contentType);
    expect((await open(baseUrl).findUsers("a")).map(({ id }) => id)).toEqual(["jürgen"]);
  });

  test("a creation answered in another encoding has the id of its Location, never one of its garbled body", async () => {
    const bytes = Buffer.from(JSON.stringify({ id: "jürgen" }), "latin1");
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(201, { location: "Users/j%C3%BCrgen" });
      response.end(bytes);
      return undefined;
    });
    expect((await open(baseUrl).createUser({ userName: "a" })).id).toBe("jürgen");
  });

  test("a refusal in latin-1 is told in what can be read of it", async () => {
    const bytes = Buffer.from(JSON.stringify({ detail: "Benutzer ungültig" }), "latin1");
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(400);
      response.end(bytes);
      return undefined;
    });
    expect(await failureOf(open(baseUrl).createUser({ userName: "a" }))).toMatchObject({
      kind: "rejected",
      details: ["Benutzer ung\ufffdltig"],
    });
  });

  test("an answer that drips in beyond the time of a request is cut, told, and asked for again", async () => {
    const wholeOne = inTurn(listOf({ id: "1", userName: "a" }));
    let isFirst = true;
    const { baseUrl, requests } = await startServer((request, response) => {
      if (!isFirst) return wholeOne(request, response);
      isFirst = false;
      response.writeHead(200);
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
      return undefined;
    });
    const provider = open(baseUrl, { requestTimeoutMs: 200 });
    expect(await provider.findUsers("a")).toHaveLength(1);
    expect(requests).toHaveLength(2);
  });

  test("a creation whose answer drips in for ever may have been applied", async () => {
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(201);
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
      return undefined;
    });
    // Long enough for the head of the answer on a busy machine.
    const provider = open(baseUrl, { requestTimeoutMs: 1_000 });
    const failure = await failureOf(provider.createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "unavailable", maybeApplied: true });
    expect(failure.message).toBe("The service provider did not answer: no complete answer within 1000 ms");
  });
});
