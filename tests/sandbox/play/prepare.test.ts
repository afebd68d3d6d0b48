import { DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { expect } from "chai";
import { adminGroupTag, prepareAccount, type Prepared } from "../../../sandbox/play/prepare";
import { project, type Sandbox, startSandbox } from "../../../sandbox/sandbox";
import { sharedPython } from "../support/account";

const key = `${project}:adminSecurityGroupId`;
const { Key, Value } = adminGroupTag;

describe("the administrators' group of the sandbox", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let prepared: Prepared;
  before(async () => {
    sandbox = await startSandbox({ python: await sharedPython() });
    prepared = await prepareAccount(sandbox);
  });
  after(() => sandbox?.stop());

  const saidOf = (config: Record<string, string>): string => prepared.additions(config).join("; ");

  it("is found by its tag, by which a stack file can name it before it is there", async () => {
    const { SecurityGroups = [] } = await sandbox.gateway
      .client(EC2Client)
      .send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: `tag:${Key}`, Values: [Value] }] }));

    expect(SecurityGroups.map(({ GroupId }) => GroupId)).to.deep.equal([prepared.adminGroupId]);
    const byTag = { [key]: JSON.stringify({ tag: { [Key]: Value } }) };
    expect(prepared.configure(byTag)).to.include(byTag);
    expect(saidOf(byTag)).to.not.include("adminSecurityGroupId");
  });

  it("takes the place of whatever else a stack file names, and the screen says so", () => {
    const another = { [key]: "sg-0123456789abcdef0" };

    for (const config of [another, {}])
      expect(prepared.configure(config)).to.include({ [key]: prepared.adminGroupId });
    expect(saidOf(another)).to.match(/^adminSecurityGroupId sg-\w+, in place of sg-0123456789abcdef0; /);
    expect(saidOf({})).to.match(/^adminSecurityGroupId sg-\w+, which it leaves out; /);
  });
});
