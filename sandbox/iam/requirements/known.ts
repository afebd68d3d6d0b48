import type { Call, Identity, Place } from "../../ground/call";
import { prefixOf, type Judged, type ResourceFacts } from "../judged";
import type { PolicyDocument } from "../policies";
import type { Context } from "../wildcards";

/** The keys that every call has. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
export function identityContext(identity: Identity, place: Place, time: number): Context {
  const isRole = identity.kind === "role";
  return {
    "aws:PrincipalArn": identity.role?.arn ?? identity.arn,
    "aws:PrincipalAccount": identity.account,
    "aws:PrincipalType": isRole ? "AssumedRole" : "User",
    "aws:PrincipalIsAWSService": "false",
    "aws:ViaAWSService": "false",
    "aws:userid": identity.principalId,
    // Not of the role, but of the function whose keys these are: a session made elsewhere does not have it.
    ...(identity.functionArn ? { "lambda:SourceFunctionArn": identity.functionArn } : {}),
    ...(identity.userName ? { "aws:username": identity.userName } : {}),
    ...(isRole
      ? {
          "aws:TokenIssueTime": new Date(identity.issuedAt).toISOString(),
          "aws:MultiFactorAuthPresent": "false",
        }
      : {}),
    "aws:CurrentTime": new Date(time).toISOString(),
    "aws:EpochTime": String(Math.floor(time / 1000)),
    "aws:RequestedRegion": place.region,
    // The sandbox's plain-text port stands for AWS's TLS endpoints.
    "aws:SecureTransport": "true",
  };
}

export const callContext = (call: Call): Context => ({
  ...identityContext(call.identity, call, call.time),
  "aws:SourceIp": call.sourceIp,
  "aws:UserAgent": call.userAgent,
});

export const principalTags = (tags: Readonly<Record<string, string>>): Context =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]));

/** Reading a resource's tags costs calls: only for policies that ask for them. */
export function asksFacts(
  policies: readonly (PolicyDocument | undefined)[],
  keys: readonly string[] = [],
): boolean {
  const said = JSON.stringify(policies).toLowerCase();
  return ["resourcetag/", ...keys].some(key => said.includes(key.toLowerCase()));
}

export function factContext(service: Judged, facts: ResourceFacts): Context {
  const tags = Object.entries(facts.tags).flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`${prefixOf(service)}:ResourceTag/${key}`, value],
  ]);
  return { ...(Object.fromEntries(tags) as Context), ...facts.keys };
}
