import type { Trusted } from "../../runtime/who/who";
import { readAccount } from "./exemptions/values";
import { moveValue, removeValue, setValue, type Path } from "./fixes";
import { closest, didYouMean, shown, type Report } from "./mistakes";
import { isMap } from "./values";

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html */
const organizationId = /^o-[a-z0-9]{10,32}$/;
const place: Path = ["trusted"];
const keys = ["organization", "accounts"] as const;

/** Whom guardrails do not call foreign; without a word of it nobody but the stack's own account. */
export function readTrusted(given: unknown, report: Report): Trusted {
  if (given === undefined) return { accounts: [] };
  if (!isMap(given)) {
    report(
      place,
      `got ${shown(given)}, expected { organization: o-…, accounts: ["<account>", …] }, or one of the two`,
      moveValue(place, place, meantBy(given) ?? { accounts: ["<account>"] }),
    );
    return { accounts: [] };
  }
  for (const key of Object.keys(given).filter(name => !keys.some(known => known === name))) {
    const meant = closest(key, keys);
    const isFree = meant !== undefined && !Object.hasOwn(given, meant);
    report(
      [...place, key],
      `not a setting${didYouMean(meant) || `; there are ${keys.join(", ")}`}`,
      isFree ? moveValue([...place, key], [...place, meant], given[key]) : removeValue([...place, key]),
    );
  }
  const organization = readOrganization(given.organization, report);
  const accounts = readAccounts(given.accounts, report);
  return organization === undefined ? { accounts } : { organization, accounts };
}

function meantBy(given: unknown): { organization?: string; accounts?: string[] } | undefined {
  const items = (Array.isArray(given) ? given : [given]).map(String);
  const organization = items.find(item => organizationId.test(item));
  const accounts = items.filter(item => /^\d{12}$/.test(item));
  if (organization === undefined && accounts.length === 0) return undefined;
  return { organization, ...(accounts.length > 0 && { accounts }) };
}

function readOrganization(given: unknown, report: Report): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string" && organizationId.test(given)) return given;
  const path: Path = [...place, "organization"];
  const hint = /^(ou|r)-/.test(String(given)) ? ", not of a unit or root in it" : "";
  const meant = /(?:^|\/)(o-[a-z0-9]{10,32})(?:\/|$)/i.exec(String(given))?.[1].toLowerCase();
  report(
    path,
    `got ${shown(given)}, expected the id of an organization (o- and 10 to 32 letters and digits)${hint}${didYouMean(meant)}`,
    setValue(path, meant ?? "o-<id>"),
  );
  return undefined;
}

function readAccounts(given: unknown, report: Report): string[] {
  if (given === undefined) return [];
  const path: Path = [...place, "accounts"];
  if (!Array.isArray(given)) {
    const accounts = String(given).match(/\b\d{12}\b/g) ?? ["<account>"];
    report(path, `got ${shown(given)}, expected a list of account numbers`, moveValue(path, path, accounts));
    return [];
  }
  const readings = given.map(item => readAccount(item));
  readings.forEach((reading, at) => {
    if ("problem" in reading)
      report([...path, at], reading.problem, setValue([...path, at], meantAccount(given[at]) ?? "<account>"));
    else if (readings.findIndex(other => "value" in other && other.value === reading.value) < at)
      report(
        [...path, at],
        `${shown(given[at])} is there twice, expected it once`,
        removeValue([...path, at]),
      );
  });
  return readings.flatMap(reading => ("value" in reading ? [reading.value] : []));
}

/** The account of an ARN, or of its number in groups. */
const meantAccount = (given: unknown): string | undefined =>
  typeof given === "string"
    ? (/^arn:[a-z-]+:iam::(\d{12}):/.exec(given)?.[1] ??
      (/^[\d\s-]+$/.test(given) && given.replace(/\D/g, "").length === 12
        ? given.replace(/\D/g, "")
        : undefined))
    : undefined;
