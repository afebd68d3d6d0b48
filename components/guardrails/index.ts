import type { Definition } from "../definition";
import { ec2LaunchBaseline } from "./ec2-launch-baseline";
import { s3BucketEncryption } from "./s3-bucket-encryption";
import { securityGroupOpenIngress } from "./security-group-open-ingress";
import { vpcCreated } from "./vpc-created";

/** Every guardrail there is, one line each. */
export const catalogue = [
  ec2LaunchBaseline,
  s3BucketEncryption,
  securityGroupOpenIngress,
  vpcCreated,
] as const satisfies readonly Definition[];

export type GuardrailId = (typeof catalogue)[number]["id"];

/** What a stack gets, in `notify`, when its config names no guardrails. */
export const defaultPack: readonly GuardrailId[] = ["security-group-open-ingress"];
