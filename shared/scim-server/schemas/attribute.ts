/** What the text of an attribute may be: of a person, of several lines, an e-mail address, an id. */
export type TextKind = "person" | "lines" | "email" | "id";

/** An attribute with its characteristics (RFC 7643 §2.2, §7): validation, filters, PATCH and `/Schemas` all read them. */
export type Attribute = {
  /** In the RFC's spelling. Names are compared without regard to case (RFC 7643 §2.1). */
  name: string;
  description: string;
  type: "string" | "boolean" | "complex" | "dateTime";
  multiValued: boolean;
  required: boolean;
  caseExact: boolean;
  mutability: "readOnly" | "readWrite" | "immutable";
  returned: "always" | "default";
  uniqueness: "none" | "server";
  canonicalValues?: readonly string[];
  subAttributes?: readonly Attribute[];
  /** Of strings alone; not part of `/Schemas`. */
  text?: TextKind;
};

const usual = {
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: "readWrite",
  returned: "default",
  uniqueness: "none",
} as const;

type Rest = Partial<Omit<Attribute, "name" | "description" | "type">>;

export const text = (name: string, description: string, rest: Rest = {}): Attribute => ({
  ...usual,
  name,
  description,
  type: "string",
  text: "person",
  ...rest,
});

export const flag = (name: string, description: string): Attribute => ({
  ...usual,
  name,
  description,
  type: "boolean",
});

export const instant = (name: string, description: string): Attribute => ({
  ...usual,
  name,
  description,
  type: "dateTime",
  mutability: "readOnly",
});

export const complex = (name: string, description: string, subAttributes: Attribute[]): Attribute => ({
  ...usual,
  name,
  description,
  type: "complex",
  subAttributes,
});

/** Several values, each of these parts. */
export const plural = (name: string, description: string, subAttributes: Attribute[]): Attribute => ({
  ...complex(name, description, subAttributes),
  multiValued: true,
});

/** The part of this name, in any case. */
export const findSub = ({ subAttributes = [] }: Attribute, name: string): Attribute | undefined =>
  subAttributes.find((sub) => sub.name.toLowerCase() === name.toLowerCase());
