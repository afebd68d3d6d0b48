import { text, textsOf } from "../../iam/requirements/members";
import type { Asked, Named } from "../../iam/judged";

/** IAM's ARNs have the path before the name, which only the account's state knows of what exists. */
export async function iamResources({ call, input, action, find }: Asked): Promise<Named> {
  const path = (text(input.Path) ?? "/").slice(1);
  const isCreation = /:Create(Role|User|Group|InstanceProfile|Policy)$/.test(action);
  const found = async (kind: "role" | "user" | "group" | "instance-profile", value: unknown) =>
    Promise.all(
      textsOf(value).map(async name =>
        isCreation ? `${path}${name}` : ((await find(`iam:${kind}`, name, call)) ?? name),
      ),
    );
  const service = text(input.AWSServiceName);
  const withPath = (value: unknown) => textsOf(value).map(name => `${path}${name}`);
  return {
    role: [
      ...(await found("role", input.RoleName)),
      ...(service === undefined ? [] : [`aws-service-role/${service}/*`]),
    ],
    // Without a name IAM takes the caller: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    user: await found("user", input.UserName ?? call.identity.userName),
    group: await found("group", input.GroupName),
    "instance-profile": await found("instance-profile", input.InstanceProfileName),
    policy: [text(input.PolicyArn), ...(isCreation ? withPath(input.PolicyName) : [])],
    "oidc-provider": textsOf(input.OpenIDConnectProviderArn),
    "saml-provider": [...textsOf(input.SAMLProviderArn), ...textsOf(input.Name)],
    mfa: [...textsOf(input.SerialNumber), ...withPath(input.VirtualMFADeviceName)],
    "server-certificate": withPath(input.ServerCertificateName),
  };
}
