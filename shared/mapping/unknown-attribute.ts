import { shownName } from "../common/shown-name.ts";
import { closestName, didYouMean } from "./closest-name.ts";
import { type ScimPath, shownAttribute, shownPath } from "./scim-path.ts";
import { enterpriseUrn, findShape, namesIn } from "./scim-user-schema.ts";

/** The attribute that was probably meant, of the same schema or, without a URN, of the enterprise extension. */
const meantAttribute = ({ urn, attribute, type, sub }: ScimPath): string | undefined => {
  const isEnterprise = urn === undefined && findShape(enterpriseUrn, attribute) !== undefined;
  const schema = isEnterprise ? enterpriseUrn : urn;
  const meant = isEnterprise ? findShape(schema, attribute)?.name : closestName(attribute, namesIn(urn));
  if (meant === undefined) return undefined;
  return shownPath({
    ...(schema === undefined ? {} : { urn: schema }),
    attribute: meant,
    ...(type === undefined ? {} : { type }),
    ...(sub === undefined ? {} : { sub }),
  });
};

/**
 * Why the path is no attribute of a user: those of the core (RFC 7643 §4.1) and of the enterprise extension (§4.3) are
 * a closed list. Of any other URN everything may be an attribute.
 */
export const unknownAttribute = (path: ScimPath): string | undefined => {
  const { urn, attribute, sub } = path;
  if (urn !== undefined && urn !== enterpriseUrn) return undefined;
  const shape = findShape(urn, attribute);
  if (shape === undefined) {
    return `${shownAttribute(path)} is not an attribute of a user${didYouMean(meantAttribute(path))}`;
  }
  if (sub === undefined || shape.subAttributes.length === 0 || shape.subAttributes.includes(sub))
    return undefined;
  const meant = closestName(sub, shape.subAttributes);
  const hint = meant && shownPath({ ...path, sub: meant });
  return `${shownAttribute(path)} has no ${shownName(sub)}${didYouMean(hint)}`;
};
