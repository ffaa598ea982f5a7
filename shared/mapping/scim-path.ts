import { shownName } from "../common/shown-name.ts";
import {
  type AttributeShape,
  coreUrn,
  elementSubAttributes,
  enterpriseUrn,
  findShape,
  isReadOnly,
} from "./scim-user-schema.ts";

/**
 * `[urn:]attribute[type eq "type"].sub`, each name in the RFC's spelling where the RFC knows it. No `urn` for the core
 * schema.
 */
export type ScimPath = { urn?: string; attribute: string; type?: string; sub?: string };

const name = "[A-Za-z][A-Za-z0-9_$-]*";
// Greedy up to the last colon: a URN holds dots of its own (…:2.0:User), so a dot says nothing about where it ends.
const urn = "[Uu][Rr][Nn]:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[A-Za-z0-9()+,.:=@;$_!*'%/?#-]+";
const typeFilter = `\\[ *[Tt][Yy][Pp][Ee] +[Ee][Qq] +"([^"\\\\]{1,64})" *\\]`;
const grammar = new RegExp(`^(?:(${urn}):)?(${name})(?:${typeFilter}(?=\\.))?(?:\\.(${name}))?$`);

const canonicalUrn = (given: string): string | undefined => {
  const lower = given.toLowerCase();
  if (lower === coreUrn.toLowerCase()) return undefined;
  return lower === enterpriseUrn.toLowerCase() ? enterpriseUrn : given;
};

const canonicalSub = (known: readonly string[], sub: string): string =>
  known.find((name) => name.toLowerCase() === sub.toLowerCase()) ?? sub;

/**
 * Parse an attribute path: PATH of RFC 7644 §3.5.2 with names of RFC 7643 §2.1, narrowed to what a mapping can
 * mean: the only value filter is `type eq "…"`, and it is followed by a sub-attribute. Undefined where it is none.
 */
export const parseScimPath = (path: string): ScimPath | undefined => {
  const [, givenUrn, givenAttribute, type, givenSub] = grammar.exec(path) ?? [];
  if (givenAttribute === undefined) return undefined;
  if (type !== undefined && (type.trim() === "" || /\p{Cc}/u.test(type))) return undefined;
  const namespace = givenUrn === undefined ? undefined : canonicalUrn(givenUrn);
  const shape = findShape(namespace, givenAttribute);
  const subs = shape?.subAttributes ?? (type === undefined ? [] : elementSubAttributes);
  return {
    ...(namespace === undefined ? {} : { urn: namespace }),
    attribute: shape?.name ?? givenAttribute,
    ...(type === undefined ? {} : { type }),
    ...(givenSub === undefined ? {} : { sub: canonicalSub(subs, givenSub) }),
  };
};

/** The attribute alone, the path under which a multi-valued attribute is kept as a whole. */
export const formatAttribute = ({ urn, attribute }: ScimPath): string =>
  urn === undefined ? attribute : `${urn}:${attribute}`;

/** The path as text; `parseScimPath` of it gives the same path back. */
export const formatScimPath = (path: ScimPath): string => {
  const filter = path.type === undefined ? "" : `[type eq "${path.type}"]`;
  return `${formatAttribute(path)}${filter}${path.sub === undefined ? "" : `.${path.sub}`}`;
};

/** As formatScimPath, for an answer: what is no name may be a secret in the wrong place, and is not repeated. */
export const shownPath = ({ urn, attribute, type, sub }: ScimPath): string => {
  const isKnown = findShape(urn, attribute) !== undefined;
  return formatScimPath({
    ...(urn === undefined ? {} : { urn: urn === enterpriseUrn ? urn : shownName(urn) }),
    attribute: isKnown ? attribute : shownName(attribute),
    ...(type === undefined ? {} : { type: shownName(type) }),
    ...(sub === undefined ? {} : { sub: shownName(sub) }),
  });
};

/** The same of the attribute alone. */
export const shownAttribute = ({ urn, attribute }: ScimPath): string =>
  shownPath({ ...(urn === undefined ? {} : { urn }), attribute });

const shapeRefusal = (path: ScimPath, shape: AttributeShape): string | undefined => {
  const whole = shownAttribute(path);
  if (shape.kind === "multi-valued") {
    return path.sub !== undefined && path.type === undefined
      ? `${whole} holds several values: write ${whole}[type eq "work"].${shownName(path.sub)}`
      : undefined;
  }
  if (path.type !== undefined) return `${whole} has a single value: it takes no [type eq "…"]`;
  if (shape.kind === "complex") {
    return path.sub === undefined
      ? `${whole} is complex: map its parts, e.g. ${whole}.${shape.subAttributes[0]}`
      : undefined;
  }
  return path.sub === undefined ? undefined : `${whole} has no sub-attributes`;
};

/** A key of this name is one of every object, and no attribute. */
const isOfEveryObject = (name = ""): boolean => name === "prototype" || name in Object.prototype;

const refusal = (path: ScimPath): string | undefined => {
  const inherited = [path.attribute, path.sub].find(isOfEveryObject);
  if (inherited !== undefined) return `${inherited} is no name of an attribute`;
  if (isReadOnly(path.urn, path.attribute, path.sub)) {
    return `${shownPath(path)} is read-only: the service provider sets it`;
  }
  if (path.urn === undefined && path.attribute === "password") return "password is never provisioned";
  if (path.urn !== undefined && /^(user|group)$/i.test(path.attribute) && path.sub === undefined) {
    return "names a schema, not an attribute of it: add :attribute";
  }
  if (path.urn !== undefined && /^urn:ietf:params:scim:(schemas:core|api):/i.test(path.urn)) {
    return "the URN is not a schema of users";
  }
  if (path.type !== undefined && path.sub === "type") return "the filter already gives the type";
  const shape = findShape(path.urn, path.attribute);
  return shape === undefined ? undefined : shapeRefusal(path, shape);
};

/**
 * Parse a path as the target of a mapping. `error` says why it is refused: not a path, read-only, `password`, or at
 * odds with the shape that RFC 7643 §4.1 and §4.3 give the attribute. Attributes that the RFC does not know pass.
 */
export const parseTarget = (target: string): { path: ScimPath } | { error: string } => {
  const path = parseScimPath(target);
  if (path === undefined) {
    return {
      error:
        'not a SCIM path: write attribute, attribute.sub, attribute[type eq "…"].sub or URN:attribute[.sub]',
    };
  }
  const error = refusal(path);
  return error === undefined ? { path } : { error };
};
