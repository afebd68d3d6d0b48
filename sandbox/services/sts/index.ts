import { plainRecord } from "../../../records";
import { keysOfMembers, textsOf } from "../../iam/requirements/members";
import { iamFacts, readTrust } from "../iam";
import type { Service } from "../service";
import { stsHandlers } from "./handlers";

const unknownKeys = "it would hand out keys that nobody here knows";

export const sts: Service = {
  name: "sts",
  sdk: { client: "STSClient", load: () => import("@aws-sdk/client-sts") },
  record: plainRecord,
  denial: { code: "AccessDenied", status: 403 },
  corrections: ({ identities }) => stsHandlers(identities),
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  free: ["GetCallerIdentity"],
  resources: ({ input }) => ({ role: textsOf(input.RoleArn) }),
  contextKeys: keysOfMembers("sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity"),
  tagging: "TagSession",
  facts: iamFacts,
  resourcePolicies: { holder: role => role, decides: true, read: readTrust },
  lacks: ["session policies, federation and MFA"],
  refused: {
    AssumeRoleWithSAML: unknownKeys,
    AssumeRoleWithWebIdentity: unknownKeys,
    AssumeRoot: unknownKeys,
    GetDelegatedAccessToken: unknownKeys,
    GetFederationToken: unknownKeys,
    GetWebIdentityToken: unknownKeys,
    DecodeAuthorizationMessage: "messages are not encoded here",
  },
};
