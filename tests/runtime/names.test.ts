import { Region } from "@pulumi/aws";
import { expect } from "chai";
import { partitionOf } from "../../runtime/aws/partition";
import { roleName, shortRegion } from "../../runtime/names";

const regions = Object.values(Region).filter(region => {
  try {
    return partitionOf(region).id !== "";
  } catch {
    return false;
  }
});

describe("the role of a guardrail's function", () => {
  it("has a name of its own in each region, so that stacks of one name do not share it", () => {
    expect(regions.length).to.be.greaterThan(30);
    const names = regions.map(home => roleName({ stack: "prod", home }, "vpc-created"));
    expect(new Set(names).size).to.equal(regions.length);
    expect(names).to.include.members([
      "guardrails-prod-use1-vpc-created",
      "guardrails-prod-apse1-vpc-created",
      "guardrails-prod-usgw1-vpc-created",
      "guardrails-prod-cnnw1-vpc-created",
    ]);
  });

  it("spends five letters on its region at most, which a stack's name is checked for", () => {
    for (const region of [...regions, "eusc-de-east-1"])
      expect(shortRegion(region), region).to.match(/^[a-z]{3,4}\d$/);
  });
});
