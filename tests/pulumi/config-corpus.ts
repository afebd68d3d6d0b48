import fc from "fast-check";
import { seed } from "../support/random";

/** Values as somebody writes them into a stack file, each of which some YAML reader or other takes for something else. */
const chosen = [
  ..."off Off on yes no n y true True false FALSE fAlse null Null nUll ~".split(" "),
  ..."2027-01-31 2027-1-3 2027-02-30 2027-13-01 2027-01-31T10:00:00Z 2027-01-31T1:2:3Z".split(" "),
  ..."2027-01-31t10:00:00.120+02:00 2027-01-31T24:00:00Z 2027-01-31T10:00Z 12:30 12:30:45".split(" "),
  ..."123456789012 012345678901 000123456789 012345670123 017 0o17 08 0o8 0x1F -0b11".split(" "),
  ..."1_000 +12 -0 1.50 1.0 .5 ._5 .1_ 1e3 1,000 1e400 -.5 +.5e1".split(" "),
  ..."9007199254740993 9223372036854775807 9223372036854775808 18446744073709551615".split(" "),
  ..."18446744073709551616 -9223372036854775808 123456789012345678901234567890 1e20 1e21 1e-7".split(" "),
  ...['"off"', "'22'", '"012345678901"', '"a\\tb\\u00e9"', "'it''s'", "!!str 012", "a b", "<b>&c", "été"],
  ...["2027-01-31 10:00:00.5", "2027-01-31 10:00:00Z", "arn:aws:s3:::a-*", "https://example.com/#x"],
  ...["sg-0123456789abcdef0", "[]", "{}", "[ '22', 22 ]", "{ b: 1, a: off }", "{ 22: x, true: y, 1.5: w }"],
];

/** Scalars of the characters that numbers and times are made of. */
const random = (count: number): string[] =>
  fc.sample(
    fc
      .array(fc.constantFrom(..."0123456789._+-:TZexob"), { minLength: 1, maxLength: 12 })
      .map(letters => letters.join(""))
      // A colon alone is no scalar but a map of nothing, over which YAML's readers differ.
      .filter(value => value !== ":"),
    { seed, numRuns: count },
  );

/** Each plain, in a list, in a map and deeper, under a key of its own. */
const places = (value: string): string[] => [
  ` ${value}`,
  `\n    - ${value}\n    - x`,
  `\n    a: ${value}`,
  `\n    a:\n      - b: ${value}`,
];

/** Entries of a stack file's `config`, without their keys. */
export const corpus = (count: number): string[] => [...chosen, ...random(count)].flatMap(places);
