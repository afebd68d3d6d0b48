import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { z } from "zod";
import { partitionOf } from "../../../runtime/aws/partition";
import type { Properties } from "../values";
import type { Clients } from "./existing";

interface Invocation {
  readonly args: Properties;
  /** The provider's region. */
  readonly region: string;
  readonly clients: Clients;
}

type Invoke = (invocation: Invocation) => Promise<Properties>;

/** Declares a function of the provider: an argument that is not in `shape` is an error. */
const invoke =
  <Shape extends z.ZodRawShape>(
    shape: Shape,
    answer: (args: z.output<z.ZodObject<Shape>>, invocation: Invocation) => Promise<Properties>,
  ): Invoke =>
  async invocation => {
    const parsed = z.strictObject(shape).safeParse(invocation.args);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return answer(parsed.data as z.output<z.ZodObject<Shape>>, invocation);
  };

/** By token. Region descriptions are left out: no API of the account tells them; of a key, dates and custom stores. */
export const invokes: Readonly<Record<string, Invoke>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": invoke({}, async (_args, { clients, region }) => {
    const { Account, Arn, UserId } = await clients(STSClient, region).send(new GetCallerIdentityCommand({}));
    return { accountId: Account, arn: Arn, id: Account, userId: UserId };
  }),
  "aws:index/getRegion:getRegion": invoke({ region: z.string().optional() }, async (args, invocation) => {
    const region = args.region ?? invocation.region;
    return { id: region, name: region, region, endpoint: `ec2.${region}.${partitionOf(region).dnsSuffix}` };
  }),
  "aws:index/getPartition:getPartition": invoke({}, async (_args, { region }) => {
    const { id, dnsSuffix } = partitionOf(region);
    return { id, partition: id, dnsSuffix, reverseDnsPrefix: dnsSuffix.split(".").reverse().join(".") };
  }),
  "aws:kms/getKey:getKey": invoke(
    { keyId: z.string(), region: z.string().optional(), grantTokens: z.array(z.string()).optional() },
    async ({ keyId, region: asked, grantTokens }, { clients, region }) => {
      const { KeyMetadata: key } = await clients(KMSClient, asked ?? region).send(
        new DescribeKeyCommand({ KeyId: keyId, GrantTokens: grantTokens }),
      );
      return {
        id: key?.KeyId,
        keyId,
        region: asked ?? region,
        arn: key?.Arn,
        awsAccountId: key?.AWSAccountId,
        enabled: key?.Enabled,
        keyManager: key?.KeyManager,
        keySpec: key?.KeySpec,
        keyState: key?.KeyState,
        keyUsage: key?.KeyUsage,
        multiRegion: key?.MultiRegion ?? false,
      };
    },
  ),
  "aws:index/getRegions:getRegions": invoke(
    { allRegions: z.boolean().optional() },
    async ({ allRegions }, { clients, region }) => {
      const { Regions = [] } = await clients(EC2Client, region).send(
        new DescribeRegionsCommand({ AllRegions: allRegions }),
      );
      const names = Regions.map(({ RegionName }) => RegionName).sort();
      return { id: partitionOf(region).id, allRegions, names };
    },
  ),
};
