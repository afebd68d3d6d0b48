import { arn, named, text, textsOf, when, type Reader } from "./arns";

export const kms: Reader = async (call, lookups, action) => {
  const { KeyId, TargetKeyId, AliasName, SourceKeyId, DestinationKeyId } = call.input;
  const alias = text(AliasName);
  const wanted = action.endsWith(":ReEncryptFrom")
    ? [SourceKeyId]
    : action.endsWith(":ReEncryptTo")
      ? [DestinationKeyId]
      : [KeyId, TargetKeyId, /:(Delete|Update)Alias$/.test(action) ? alias : undefined];
  return {
    key: await Promise.all(
      textsOf(wanted).map(
        async id =>
          (await lookups.kmsKeyArn(id, call)) ?? (id.startsWith("arn:") ? id : arn(call, "kms", `key/${id}`)),
      ),
    ),
    alias: named(call, alias, "kms", ""),
  };
};

export const iam: Reader = async (call, lookups, action) => {
  const { input, identity } = call;
  const path = text(input.Path) ?? "/";
  const own = (kind: string, name: string, at = path) => arn(call, "iam", `${kind}${at}${name}`, "");
  const isCreation = /:Create(Role|User|Group|InstanceProfile|Policy)$/.test(action);
  const found = async (kind: "role" | "user" | "group" | "instance-profile", value: unknown) =>
    Promise.all(
      textsOf(value).map(async name =>
        isCreation ? own(kind, name) : ((await lookups.iamArn(kind, name, call)) ?? own(kind, name, "/")),
      ),
    );
  const service = text(input.AWSServiceName);
  return {
    role: [
      ...(await found("role", input.RoleName)),
      ...when(service, host => own("role", "*", `/aws-service-role/${host}/`)),
    ],
    // Without a name IAM takes the caller: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    user: await found("user", input.UserName ?? identity.userName),
    group: await found("group", input.GroupName),
    "instance-profile": await found("instance-profile", input.InstanceProfileName),
    policy: [
      text(input.PolicyArn),
      ...when(isCreation ? text(input.PolicyName) : undefined, name => own("policy", name)),
    ],
    "oidc-provider": textsOf(input.OpenIDConnectProviderArn),
    "saml-provider": [
      ...textsOf(input.SAMLProviderArn),
      ...when(text(input.Name), name => own("saml-provider", name, "/")),
    ],
    mfa: [
      ...textsOf(input.SerialNumber),
      ...when(text(input.VirtualMFADeviceName), name => own("mfa", name)),
    ],
    "server-certificate": when(text(input.ServerCertificateName), name => own("server-certificate", name)),
  };
};

export const sts: Reader = ({ input }) => ({ role: textsOf(input.RoleArn) });
