import { parsePolicy, type PolicyStatement } from "../../iam/policies";

/** Condition keys that tie a statement to somebody known, if their value is fixed. */
const fixing =
  /^aws:(PrincipalArn|PrincipalAccount|PrincipalOrgID|PrincipalOrgPaths|SourceArn|SourceAccount|SourceOwner|SourceVpc|SourceVpce|SourceIp|userid|CalledVia\w*|SourceOrgID)$|^s3:(DataAccessPointArn|DataAccessPointAccount|x-amz-server-side-encryption-aws-kms-key-id)$/i;

/**
 * Whether S3 calls a bucket policy public: some Allow for everybody that no fixed value narrows.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export const isPublicPolicy = (policy: string): boolean => parsePolicy(policy).statements.some(isPublic);

function isPublic(statement: PolicyStatement): boolean {
  if (statement.effect !== "Allow") return false;
  const { principals, notPrincipals } = statement;
  const everybody =
    principals === "*" || notPrincipals !== undefined || (principals?.AWS ?? []).includes("*");
  return (
    everybody && !Object.entries(statement.conditions).some(([operator, keys]) => isNarrow(operator, keys))
  );
}

/** Only what must be equal narrows: a negated operator, or one that an absent key satisfies, lets everybody else in. */
function isNarrow(operator: string, keys: Readonly<Record<string, readonly string[]>>): boolean {
  if (
    !/^(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)$/i.test(
      operator,
    )
  )
    return false;
  return Object.entries(keys).some(
    ([key, values]) => fixing.test(key) && values.every(value => isFixed(key, value)),
  );
}

/** https: …"a fixed value": no wildcard but in the resource part of an ARN, and no address block of the whole internet. */
function isFixed(key: string, value: string): boolean {
  if (/^aws:SourceIp$/i.test(key))
    return !/\/0$/.test(value) && !/^(0\.0\.0\.0|::)/.test(value) && value.length > 0;
  const ofArn = value.split(":");
  return ofArn.length > 5 ? !/[*?]/.test(ofArn.slice(0, 5).join(":")) : !/[*?]/.test(value);
}
