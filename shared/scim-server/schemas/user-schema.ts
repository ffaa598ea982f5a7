import { coreUrn } from "../../mapping/scim-user-schema.ts";
import { complex, flag, plural, text } from "./attribute.ts";

/** What the directory keeps of RFC 7643 §4.1. What is not here is not advertised, and dropped where it is sent. */
export const userSchema = {
  id: coreUrn,
  name: "User",
  description: "User account",
  attributes: [
    text("userName", "The name by which the identity provider knows the user.", {
      required: true,
      uniqueness: "server",
    }),
    complex("name", "The parts of the user's name.", [
      text("familyName", "The family name."),
      text("givenName", "The given name."),
      text("middleName", "The middle name."),
    ]),
    text("displayName", "The name that is shown to people."),
    text("title", "The job title."),
    text("userType", "The relationship between the organization and the user, e.g. Employee."),
    flag("active", "Whether the user may have open accounts."),
    plural("emails", "E-mail addresses.", [
      text("value", "The address.", { text: "email" }),
      text("type", "What the address is for.", { canonicalValues: ["work", "home", "other"] }),
      flag("primary", "Whether this is the preferred address. It is true of one at most."),
    ]),
    plural("phoneNumbers", "Telephone numbers.", [
      text("value", "The number."),
      text("type", "What the number is for.", {
        canonicalValues: ["work", "home", "mobile", "fax", "pager", "other"],
      }),
    ]),
    plural("addresses", "Postal addresses.", [
      text("streetAddress", "Street, house number, P.O. box; of several lines.", { text: "lines" }),
      text("locality", "City.", { text: "lines" }),
      text("region", "State or region.", { text: "lines" }),
      text("postalCode", "Postal code.", { text: "lines" }),
      text("country", "Country.", { text: "lines" }),
      text("type", "What the address is for.", { canonicalValues: ["work", "home", "other"] }),
    ]),
  ],
};
