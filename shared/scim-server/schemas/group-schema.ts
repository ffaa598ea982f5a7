import { plural, text } from "./attribute.ts";

/** What the directory keeps of RFC 7643 §4.2. */
export const groupSchema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:Group",
  name: "Group",
  description: "Group",
  attributes: [
    text("displayName", "The name of the group.", { required: true, uniqueness: "server" }),
    plural("members", "The users who are in the group.", [
      text("value", "The id of the user.", { caseExact: true, mutability: "immutable", text: "id" }),
      text("type", "What the member is.", { mutability: "immutable", canonicalValues: ["User"] }),
    ]),
  ],
};
