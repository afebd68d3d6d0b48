import { permissionSetOf, type Listed } from "../../runtime/who/who";
import { moveValue, setValue, type Path } from "./fixes";
import { closest, didYouMean, shown, type Report } from "./mistakes";
import { isMap } from "./values";

/** Somebody whom a list names: an exact ARN, a permission set, or a role of the stack's account by path and name. */
export type Entry = string | { readonly permissionSet: string } | { readonly role: string };

/** The lists of people, whose entries are all of one form. */
export type PeopleKey = "operators" | "deployers" | "controllers" | "expected";

/** A wildcard, a root or a session would admit somebody else too, or nobody. */
const exactArn = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/([!-)+->@-~]+\/)?[\w+=,.@-]{1,64}$/;
const rolePath = /^\/([!-)+->@-~]+\/)?[\w+=,.@-]{1,64}$/;
/** https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html */
const setName = /^[\w+=,.@-]{1,32}$/;

/** An entry in the account that the stack guards. */
export function listedIn(
  entry: Entry,
  { partition, account }: { partition: string; account: string },
): Listed {
  if (typeof entry === "string") return entry;
  if ("role" in entry) return `arn:${partition}:iam::${account}:role${entry.role}`;
  return { permissionSet: entry.permissionSet, partition, account };
}

type Reading = { readonly entry: Entry } | { readonly problem: string; readonly meant?: Entry };

const forms = "the exact ARN of a role or user, { permissionSet: Name } or { role: /path/name }";
const placeholder = "arn:aws:iam::<account>:role/<path and name>";

/** One of the lists; undefined where the config says nothing of it, which is not the same as an empty one. */
export function readPeople(key: PeopleKey, given: unknown, report: Report): Entry[] | undefined {
  const place: Path = [key];
  if (given === undefined) return undefined;
  if (isNobody(given) && key !== "deployers") {
    const problem = `got ${shown(given)}, expected a list; an empty one says that there is nobody`;
    report(place, problem, setValue(place, "[]"));
    return undefined;
  }
  if (!Array.isArray(given)) {
    const one = readEntry(given);
    const meant = "entry" in one ? one.entry : one.meant;
    report(
      place,
      `got ${shown(given)}, expected a list; an entry is ${forms}`,
      moveValue(place, place, [meant ?? placeholder]),
    );
    return undefined;
  }

  if (given.length === 0 && key === "deployers") {
    const problem = "got an empty list, expected at least one entry, or nobody could deploy the stack again";
    report(place, problem, setValue([key, 0], placeholder));
  }
  const readings = given.map(readEntry);
  const names = given.map(item => JSON.stringify(item));
  const meant = readings.map(one => ("entry" in one ? one.entry : (one.meant ?? placeholder)));
  const once = meant.filter(
    (entry, at) => meant.findIndex(other => JSON.stringify(other) === JSON.stringify(entry)) === at,
  );
  // One command for the whole list where text becomes a map, or where removing an entry would move the others.
  const rewritten = moveValue(place, place, once);
  const isAlone = readings.every(
    (one, at) => "entry" in one || (typeof given[at] === "string" && typeof meant[at] === "string"),
  );
  readings.forEach((reading, at) => {
    const path: Path = [key, at];
    if ("problem" in reading)
      report(path, reading.problem, isAlone ? setValue(path, meant[at] as string) : rewritten);
    else if (names.indexOf(names[at]) < at)
      report(path, `${shown(given[at])} is there twice, expected it once`, rewritten);
  });
  return readings.flatMap(reading => ("entry" in reading ? [reading.entry] : []));
}

/** What people write who mean an empty list. */
const isNobody = (given: unknown): boolean =>
  given === null ||
  given === false ||
  (typeof given === "string" && /^\s*(none|nobody|no|off|false|null|empty|~|-)?\s*$/i.test(given)) ||
  (isMap(given) && Object.keys(given).length === 0);

const wrong = (given: unknown, expected: string, meant?: Entry): Reading => ({
  problem: `got ${shown(given)}, expected ${expected}${meantInWords(meant)}`,
  meant,
});

const meantInWords = (meant: Entry | undefined): string =>
  meant === undefined
    ? ""
    : typeof meant === "string"
      ? didYouMean(meant)
      : `; did you mean { ${Object.entries(meant)
          .map(([key, value]) => `${key}: ${value}`)
          .join()} }?`;

function readEntry(given: unknown): Reading {
  if (typeof given === "string" && exactArn.test(given)) return { entry: given };
  if (!isMap(given)) return wrong(given, `${forms}${hintOf(String(given))}`, meantBy(String(given ?? "")));
  const [key, ...more] = Object.keys(given);
  if (more.length > 0) return wrong(given, `one of the two: { permissionSet: Name } or { role: /path/name }`);
  if (key === "permissionSet") return readPermissionSet(given[key]);
  if (key === "role") return readRole(given[key]);
  const value = typeof given[key ?? ""] === "string" ? (given[key] as string) : "";
  if (key?.toLowerCase() === "arn" && exactArn.test(value)) return wrong(given, "the ARN alone", value);
  const known = key === undefined ? undefined : closest(key, ["permissionSet", "role"]);
  const read = known === "permissionSet" ? readPermissionSet(value) : known && readRole(value);
  return wrong(given, forms, read && ("entry" in read ? read.entry : read.meant));
}

/** `pulumi config set --path` stores a name of digits as a number. */
function readPermissionSet(given: unknown): Reading {
  const name = Number.isSafeInteger(given) ? String(given) : given;
  const ofRole = typeof name === "string" ? permissionSetIn(name) : undefined;
  if (ofRole !== undefined)
    return wrong(given, "the name of the permission set, not of the role made of it", {
      permissionSet: ofRole,
    });
  if (typeof name === "string" && setName.test(name)) return { entry: { permissionSet: name } };
  const hint = /^arn:/.test(String(name))
    ? ", not its ARN"
    : /[*?]/.test(String(name))
      ? ", without wildcards"
      : ", 1 to 32 letters, digits or + = , . @ - _";
  return wrong(given, `the name of a permission set${hint}`);
}

function readRole(given: unknown): Reading {
  const text = typeof given === "string" ? given : "";
  const ofRole = permissionSetIn(text);
  if (ofRole !== undefined)
    return wrong(given, "no role of a permission set, whose name changes when it is assigned anew", {
      permissionSet: ofRole,
    });
  if (rolePath.test(text)) return { entry: { role: text } };
  if (exactArn.test(text)) return wrong(given, "a path and name; an ARN stands alone", text);
  const meant = rolePath.test(`/${text}`) ? { role: `/${text}` } : undefined;
  const hint = /[*?]/.test(text) ? ", without wildcards" : "";
  return wrong(given, `a role's path and name, such as /ci/deploy or /deploy${hint}`, meant);
}

/** The permission set whose role a text names, however much of it: `AWSReservedSSO_Admin_0123456789abcdef/ada`. */
const permissionSetIn = (text: string): string | undefined =>
  /(?:^|\/)AWSReservedSSO_([\w+=,.@-]{1,32})_(?:[0-9a-f]{16}|[*?]+)(?:\/|$)/.exec(text)?.[1];

function meantBy(given: string): Entry | undefined {
  const set = permissionSetIn(given) ?? /^permissionSet\s*[:=]\s*([\w+=,.@-]{1,32})$/.exec(given)?.[1];
  if (set !== undefined) return { permissionSet: set };
  const role = /^(?:role\s*[:=]\s*)?(\/\S+)$/.exec(given)?.[1];
  return role !== undefined && rolePath.test(role) ? { role } : undefined;
}

function hintOf(given: string): string {
  if (permissionSetIn(given) !== undefined) return "";
  const role = /^arn:[a-z-]+:sts::\d{12}:assumed-role\/([\w+=,.@-]+)\//.exec(given)?.[1];
  if (role !== undefined)
    return `, not a session; \`aws iam get-role --role-name ${role} --query Role.Arn\` prints its role's ARN with the path`;
  if (/[*?]/.test(given)) return ", without wildcards";
  if (/^[^\s:/]+@[^\s:/]+$/.test(given)) return ", not an e-mail address";
  return /:root$|^\d{12}$/.test(given) ? ", not a whole account" : "";
}

/** Exact ARNs of roles that permission sets were made into: they work until the set is assigned anew. */
export const madeOfPermissionSets = (entries: readonly Entry[]): { at: number; permissionSet: string }[] =>
  entries.flatMap((entry, at) => {
    const set = typeof entry === "string" ? permissionSetOf(entry) : undefined;
    return set === undefined ? [] : [{ at, permissionSet: set.permissionSet }];
  });
