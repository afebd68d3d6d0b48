const always = [
  ...["CurrentTime", "EpochTime", "SecureTransport", "SourceIp", "UserAgent", "RequestedRegion", "TagKeys"],
  ...["PrincipalArn", "PrincipalAccount", "PrincipalType", "userid", "username", "TokenIssueTime"],
  ...["PrincipalIsAWSService", "PrincipalServiceName", "PrincipalServiceNamesList", "ViaAWSService"],
  ...["CalledVia", "ResourceAccount", "SourceArn", "SourceAccount", "SourceOwner", "MultiFactorAuthPresent"],
];

/** Never present here, as on AWS outside an organization, a VPC endpoint, federation or an MFA session. */
const never = [
  ...["MultiFactorAuthAge", "PrincipalOrgID", "PrincipalOrgPaths", "ResourceOrgID", "ResourceOrgPaths"],
  ...["SourceOrgID", "SourceOrgPaths", "SourceVpc", "SourceVpce", "VpcSourceIp", "FederatedProvider"],
  "SourceIdentity",
];

const plain = new Set([...always, ...never].map(name => `aws:${name}`.toLowerCase()));

/**
 * Keys that the sandbox supplies with every call where AWS does; those of a service stand in its `contextKeys`. A
 * policy that asks for another is refused (NotImplemented), because a key that never comes decides silently.
 */
export const isGlobalKey = (key: string): boolean =>
  plain.has(key.toLowerCase()) || /^aws:(PrincipalTag|RequestTag|ResourceTag)\/./i.test(key);

/** Tags of the resource: only of services that can read them. */
export const isResourceTag = (key: string): boolean => /^\w+:ResourceTag\//i.test(key);
