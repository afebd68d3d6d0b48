import {
  CreateSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  RequestSpotInstancesCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { expect } from "chai";
import { exhaust, followed } from "../faults/trial";
import { addUser, type DeployedStack, startStack } from "../support/stack";

const guardrail = "ec2-launch-baseline";

describe("an instance that a responder has isolated", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let mallory: EC2Client;
  let isolated = "";

  before(async () => {
    const others = ["s3-bucket-encryption", "security-group-open-ingress", "vpc-created"];
    const off = Object.fromEntries(others.map(id => [id, "off"]));
    const knobs = { mode: "enforce", when: "launch", requiredTags: { Project: "unassigned" } };
    stack = await startStack({ config: { guardrails: { ...off, [guardrail]: knobs } } });
    const { sandbox } = stack;
    const Action = ["ec2:RunInstances", "ec2:RequestSpotInstances"];
    const Statement = [
      { Effect: "Allow", Action, Resource: "*" },
      {
        Effect: "Allow",
        Action: "ec2:CreateTags",
        Resource: ["arn:aws:ec2:*:*:spot-instances-request/*", "arn:aws:ec2:*:*:instance/*"],
        Condition: { StringEquals: { "ec2:CreateAction": ["RequestSpotInstances", "RunInstances"] } },
      },
    ];
    const credentials = await addUser(sandbox, "trudy", { Version: "2012-10-17", Statement });
    mallory = sandbox.gateway.client(EC2Client, { region: "us-east-1" }, credentials);
    const ada = stack.stage.client(EC2Client, "ada");
    const { GroupId = "" } = await ada.send(
      new CreateSecurityGroupCommand({ GroupName: "isolated", Description: "Reaches nothing" }),
    );
    isolated = GroupId;
  });
  after(() => stack?.stop());

  const launch = (ClientToken: string) =>
    new RunInstancesCommand({
      ImageId: stack.stage.imageId,
      InstanceType: "t3.micro",
      MinCount: 1,
      MaxCount: 1,
      ClientToken,
    });
  const read = async (id: string) => {
    const ada = stack.stage.client(EC2Client, "ada");
    const { Reservations = [] } = await ada.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const [{ NetworkInterfaces = [], Tags = [] }] = Reservations.flatMap(({ Instances = [] }) => Instances);
    return {
      networkInterfaceId: NetworkInterfaces[0].NetworkInterfaceId ?? "",
      groups: NetworkInterfaces.flatMap(({ Groups = [] }) => Groups.map(({ GroupId }) => GroupId)),
      keys: Tags.map(({ Key }) => Key),
    };
  };
  /** Launched by Ada, given the baseline, and an hour later taken out of all groups and of its project. */
  const victim = async (token: string): Promise<string> => {
    const ada = stack.stage.client(EC2Client, "ada");
    const { Instances: [{ InstanceId = "" }] = [{}] } = await ada.send(launch(token));
    await exhaust(stack);
    const { networkInterfaceId, groups, keys } = await read(InstanceId);
    expect(groups).to.include(stack.adminGroupId);
    expect(keys).to.deep.equal(["Project"]);
    await stack.sandbox.clock.advance(3600_000);
    await ada.send(
      new ModifyNetworkInterfaceAttributeCommand({
        NetworkInterfaceId: networkInterfaceId,
        Groups: [isolated],
      }),
    );
    await ada.send(new DeleteTagsCommand({ Resources: [InstanceId], Tags: [{ Key: "Project" }] }));
    await exhaust(stack);
    return InstanceId;
  };
  const followedBy = async (id: string, deed: () => Promise<unknown>) => {
    const from = stack.sandbox.journal.happenings.length;
    await deed();
    await exhaust(stack);
    return followed(stack, from, guardrail, {
      id,
      arn: `arn:aws:ec2:us-east-1:123456789012:instance/${id}`,
    });
  };

  it("stays isolated when a request for spot instances gives its id as their launch group", async () => {
    const id = await victim("spot");
    const { outcomes } = await followedBy(id, () =>
      mallory.send(
        new RequestSpotInstancesCommand({
          LaunchGroup: id,
          InstanceCount: 1,
          LaunchSpecification: { ImageId: stack.stage.imageId, InstanceType: "t3.micro" },
          TagSpecifications: [
            { ResourceType: "spot-instances-request", Tags: [{ Key: "Project", Value: "mallory" }] },
          ],
        }),
      ),
    );

    expect(outcomes).to.deep.equal([]);
    expect(await read(id)).to.deep.include({ groups: [isolated], keys: [] });
  });

  it("stays isolated when its launch is replayed with the same client token, and it is told", async () => {
    const id = await victim("replayed");
    const { outcomes, mails } = await followedBy(id, async () => {
      const { Instances: [{ InstanceId }] = [{}] } = await mallory.send(launch("replayed"));
      expect(InstanceId).to.equal(id);
    });

    expect(outcomes).to.deep.equal(["notified"]);
    expect(mails[0].body).to.contain("unconfirmed").and.to.contain("user/trudy");
    expect(await read(id)).to.deep.include({ groups: [isolated], keys: [] });
  });
});
