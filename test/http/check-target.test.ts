import { expect, test } from "vitest";
import { checkNewTarget } from "../../shared/http/input/check-target.ts";

test.each([
  ["us", "https://app.strongdm.com/provisioning/generic/v2"],
  ["uk", "https://app.uk.strongdm.com/provisioning/generic/v2"],
  ["eu", "https://app.eu.strongdm.com/provisioning/generic/v2"],
] as const)("region %s of strongDM has its own base URL, with or without that being given", (region, url) => {
  for (const baseUrl of [undefined, `${url}/`])
    expect(checkNewTarget({ profile: "strongdm", region, baseUrl }, {}).baseUrl).toBe(url);
});

test.each(["https://scim-gateway.example.com/strongdm", "https://app.strongdm.com/provisioning/generic/v2"])(
  "the base URL %s of strongDM is free",
  (baseUrl) => expect(checkNewTarget({ profile: "strongdm", baseUrl }, {}).baseUrl).toBe(baseUrl),
);
