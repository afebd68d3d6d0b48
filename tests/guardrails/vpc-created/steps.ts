import { CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { compare, type Step } from "../step";

export const steps: readonly Step[] = [
  {
    name: "vpc-created",
    title: "Ada creates a VPC",
    chapter: "breach",
    expected: { notify: { outcomes: [], notices: 1 } },
    play: async stage => {
      const { Vpc } = await stage
        .client(EC2Client, "ada")
        .send(new CreateVpcCommand({ CidrBlock: "10.20.0.0/16" }));
      return async ({ mails }) =>
        compare(
          "the mails that name the VPC and its address range",
          mails.map(() => true),
          mails.map(({ body }) => body.includes(Vpc?.VpcId ?? "no id") && body.includes("10.20.0.0/16")),
        );
    },
  },
];
