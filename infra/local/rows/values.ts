import { validateAttributeValue } from "dynalite/validations/index.js";
import { invalid } from "../signing/aws-error.ts";

/** A value and an item as DynamoDB's JSON protocol has them. */
export type Value = Record<string, unknown>;
export type Item = Record<string, Value>;

/** Brings numbers into plain notation on the way. @throws AwsError ValidationException */
export const checkItem = (item: Item): void => {
  for (const value of Object.values(item)) checkValue(value);
};

/** The same for one value. */
export const checkValue = (value: Value): void => {
  if (isPlain(value)) return;
  const message = validateAttributeValue(value);
  if (message) throw invalid(message);
};

/** What most values are, without the way through dynalite's checks. */
const isPlain = (value: Value): boolean => {
  let types = 0;
  for (const type in value) {
    types += 1;
    if (types > 1 || !isPlainOf(type, value[type])) return false;
  }
  return types === 1;
};

const isPlainOf = (type: string, content: unknown): boolean => {
  switch (type) {
    case "S":
      return typeof content === "string";
    case "BOOL":
      return typeof content === "boolean";
    case "NULL":
      return content === true;
    case "N":
      return typeof content === "string" && /^(0|-?[1-9]\d{0,14})$/.test(content);
    case "L":
      return (content as Value[]).every(isPlain);
    case "M":
      for (const name in content as Item) if (!isPlain((content as Item)[name] as Value)) return false;
      return true;
    default:
      // In process the SDK hands over bytes as they are; on the wire they are base64.
      if (content instanceof Uint8Array) throw new Error("bytes are taken by the signed endpoint alone");
      return false;
  }
};

/** The sum, exact, of two numbers in plain notation; `sign` -1 subtracts. */
export const addNumbers = (one: string, other: string, sign: 1 | -1 = 1): string => {
  const decimals = Math.max(decimalsOf(one), decimalsOf(other));
  const sum = scaled(one, decimals) + BigInt(sign) * scaled(other, decimals);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${sum < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
};

const decimalsOf = (number: string): number => number.split(".")[1]?.length ?? 0;

const scaled = (number: string, decimals: number): bigint => {
  const [whole = "0", fraction = ""] = number.split(".");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
};
