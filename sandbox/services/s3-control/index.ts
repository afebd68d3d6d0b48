import { recordShapes } from "../../../records";
import type { Service } from "../service";

/** S3 Control signs as s3: its account-wide public access block is all that the sandbox judges of it. */
export const s3Control: Service = {
  name: "s3-control",
  prefix: "s3",
  signing: "s3",
  path: "/v20180820/",
  sdk: { client: "S3ControlClient", load: () => import("@aws-sdk/client-s3-control") },
  record: recordShapes["s3-control"],
  denial: { code: "AccessDenied", status: 403 },
  actions: {
    GetPublicAccessBlock: "GetAccountPublicAccessBlock",
    PutPublicAccessBlock: "PutAccountPublicAccessBlock",
    DeletePublicAccessBlock: "PutAccountPublicAccessBlock",
  },
  judgedOnly: ["GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock"],
  resources: () => ({}),
  contextKeys: { "s3:ResourceAccount": ({ account }) => account },
  facts: "none",
  resourcePolicies: "none",
  lacks: ["all but the account's public access block: access points, jobs, multi-region buckets"],
};
