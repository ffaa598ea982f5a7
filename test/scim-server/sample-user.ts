import { enterpriseUrn } from "../../shared/mapping/scim-user-schema.ts";
import type { JsonObject } from "../../shared/model/json.ts";
import { showResource } from "../../shared/scim-server/messages/show-resource.ts";
import { groupType, userType } from "../../shared/scim-server/schemas/resource-types.ts";

const baseUrl = "https://usher.example.com/scim/v2";
const times = { created: "2026-03-01T10:00:00.000Z", lastModified: "2026-03-02T10:00:00.000Z", version: 3 };

export const sampleAttributes: JsonObject = {
  externalId: "Ext-1",
  userName: "Ada@example.com",
  name: { familyName: "Lovelace", givenName: "Ada" },
  displayName: "Ada Lovelace",
  title: "Analyst",
  active: true,
  emails: [
    { value: "ada@example.com", type: "work", primary: true },
    { value: "ada@home.example.com", type: "home" },
  ],
  phoneNumbers: [{ value: "+44 20 1", type: "work" }],
  [enterpriseUrn]: { department: "Engines", manager: { value: "u-9" } },
};

export const sampleUser: JsonObject = showResource(baseUrl, userType, {
  id: "u-1",
  attributes: sampleAttributes,
  ...times,
});

export const sampleGroup: JsonObject = showResource(baseUrl, groupType, {
  id: "g-1",
  attributes: { displayName: "Engineers", externalId: "G-1" },
  members: ["u-1", "u-2"],
  ...times,
});
