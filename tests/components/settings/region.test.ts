import { expect } from "chai";
import { Region } from "@pulumi/aws/types/enums";
import { partitionOf } from "../../../runtime/aws/partition";
import { inspectSettings } from "../../../components/settings";
import { commandOf } from "../../../components/settings/fixes";
import { warningInWords } from "../../../components/settings/mistakes";
import { regions } from "../../../components/settings/region";

const inspect = (region: string | undefined) => {
  const recipients = { "aws-event-guardrails:recipients": "secops@corp.internal" };
  const config = region === undefined ? recipients : { ...recipients, "aws:region": region };
  const { settings, mistakes } = inspectSettings(config, [], []);
  return {
    warnings: settings?.warnings.map(one => warningInWords(one, "prod")),
    mistakes: mistakes.map(({ path, problem, fix }) => `${path.join()}: ${problem} => ${commandOf(fix)}`),
  };
};

describe("the region of a stack config", () => {
  it("is nobody's mistake where it is one, or is left to the surroundings", () => {
    for (const region of [undefined, "us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"])
      expect(inspect(region), region).to.deep.equal({ warnings: [], mistakes: [] });
  });

  it("is warned of where AWS has none of this name yet", () => {
    expect(inspect("us-east-99").warnings).to.deep.equal([
      'aws:region: "us-east-99" is no region that this version knows of; did you mean "us-east-1"? Then write it with pulumi config set --stack prod aws:region us-east-1',
    ]);
    expect(inspect("xx-somewhere-7").warnings).to.deep.equal([
      'aws:region: "xx-somewhere-7" is no region that this version knows of',
    ]);
  });

  it("is a mistake where it cannot be one", () => {
    expect(inspect("eu-west1").mistakes).to.deep.equal([
      'aws:region: got "eu-west1", expected a region such as eu-west-1; did you mean "eu-west-1"? => pulumi config set aws:region eu-west-1',
    ]);
    expect(inspect("").mistakes).to.deep.equal([
      "aws:region: got nothing, expected a region such as eu-west-1 => pulumi config set aws:region '<region>'",
    ]);
  });

  it("is known wherever Pulumi's provider and this project can deploy", () => {
    const deployable = Object.values(Region).filter(region => {
      try {
        return partitionOf(region) !== undefined;
      } catch {
        return false;
      }
    });
    expect(deployable).to.have.length.above(30);
    expect(regions).to.include.members(deployable);
  });
});
