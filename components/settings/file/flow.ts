import { Scalar, stringify } from "yaml";
import { goScalar } from "./go-yaml";

/** A value on one line of YAML, which Pulumi reads as what it is: text that it would take for something else is quoted. */
export const flow = (value: unknown): string =>
  stringify(quoted(value), { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trimEnd();

function quoted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(quoted);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, quoted(item)]));
  if (typeof value !== "string" || goScalar(value) === value) return value;
  const scalar = new Scalar(value);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}
