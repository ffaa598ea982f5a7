import { enterpriseUrn } from "../../mapping/scim-user-schema.ts";
import { complex, text } from "./attribute.ts";

/** What the directory keeps of RFC 7643 §4.3. */
export const enterpriseSchema = {
  id: enterpriseUrn,
  name: "EnterpriseUser",
  description: "Enterprise user",
  attributes: [
    text("employeeNumber", "The number or name that the organization gave the user."),
    text("costCenter", "The cost center."),
    text("organization", "The organization."),
    text("department", "The department."),
    complex("manager", "The user's manager.", [
      text("value", "The id of the manager, who is a user, too.", { caseExact: true, text: "id" }),
    ]),
  ],
};
