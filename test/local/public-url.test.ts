import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runUsher, startUsher } from "./start-process.ts";

const folder = () => {
  const cwd = mkdtempSync(join(tmpdir(), "usher-public-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
};
const token = "a-token-of-the-admin-for-this-test";

/** The status and body of a GET that comes by another name, as a proxy passes it on. */
const getAs = (host: string, address: string): Promise<{ status: number | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = { host, authorization: `Bearer ${token}` };
    request(address, { headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    })
      .on("error", reject)
      .end();
  });

test("the public address is shown at the start, opens SCIM in, and nothing else", async () => {
  const env = { USHER_PUBLIC_URL: "https://usher.example.com/", USHER_TOKEN: token };
  const usher = await startUsher({ cwd: folder(), env });
  onTestFinished(() => usher.end());
  const url = usher.urlAt("running at");
  expect(usher.urlAt("SCIM in")).toBe("https://usher.example.com/scim/v2");

  const config = await getAs("usher.example.com", `${url}/scim/v2/ServiceProviderConfig`);
  expect(config.status).toBe(200);
  expect(config.text).toContain("https://usher.example.com/scim/v2/ServiceProviderConfig");
  for (const path of ["/me", "/health", "/openapi.json", "/sources", "/scim/v2/../../me"])
    expect(await getAs("usher.example.com", url + path), path).toMatchObject({ status: 403 });
  expect(await getAs("other.example.com", `${url}/scim/v2/ServiceProviderConfig`)).toMatchObject({
    status: 403,
  });
  expect(await getAs(new URL(url).host, `${url}/me`)).toMatchObject({ status: 200 });
});

test.each(["http://usher.example.com", "https://usher.example.com/scim/v2", "usher.example.com"])(
  "%s is no public address, and the start says what one is",
  async (given) => {
    const { code, err } = await runUsher({
      cwd: folder(),
      env: { USHER_PORT: "0", USHER_PUBLIC_URL: given },
    });
    expect(code).toBe(1);
    expect(err).toContain("USHER_PUBLIC_URL is not right: give an address such as https://usher.example.com");
  },
);
