import { isListed, type Listed } from "../../runtime/who/who";

/**
 * What is wrong with whoever deploys, in words; undefined when they are among the stack's deployers, or may be: STS
 * names a role without its path, so account and name have to do, and DynamoDB itself refuses a table policy that would
 * shut its writer out. The root user is let through as break-glass.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 * @param callerArn as STS gives it: of a user, of a role's session, or of the root user
 */
export function strangerInWords(deployers: readonly Listed[], callerArn: string): string | undefined {
  if (/^arn:[a-z-]+:iam::\d{12}:root$/.test(callerArn)) return undefined;
  if (deployers.some(entry => mayBe(entry, callerArn))) return undefined;
  const names = deployers.map(entry =>
    typeof entry === "string" ? entry : `permission set ${entry.permissionSet}`,
  );
  return (
    `${callerArn} is none of this stack's deployers: the ledger's policy would shut it out. ` +
    `Deploy as one of them (${names.join(", ")}), or let one of them add it: pulumi config set --path 'deployers[${deployers.length}]' ${placeholderFor(callerArn)}, then pulumi up`
  );
}

const session = /^arn:([a-z-]+):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\//;

function mayBe(entry: Listed, callerArn: string): boolean {
  const [, partition, account, role] = session.exec(callerArn) ?? [];
  if (role === undefined) return isListed(entry, callerArn);
  if (typeof entry !== "string")
    return isListed(entry, `arn:${partition}:iam::${account}:role/aws-reserved/sso.amazonaws.com/${role}`);
  const prefix = `arn:${partition}:iam::${account}:role/`;
  return entry.startsWith(prefix) && entry.split("/").pop() === role;
}

function placeholderFor(callerArn: string): string {
  const [, partition, account, role] = session.exec(callerArn) ?? [];
  return role === undefined ? callerArn : `'arn:${partition}:iam::${account}:role/<path and ${role}>'`;
}
