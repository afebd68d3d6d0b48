import { expect } from "chai";
import { isTick } from "../../../runtime/tick/tick";
import { tickOf } from "../../support/events/ticks";

const environment = {
  topicArn: "arn:aws:sns:us-east-1:123456789012:notices",
  ledgerTable: "ledger",
  roleArn: "arn:aws:iam::123456789012:role/guardrails/guardrails-dev-use1-thermostat",
  stack: "dev",
  account: "123456789012",
  region: "us-east-1",
  folder: "/var/task",
};

describe("a tick", () => {
  const tick = tickOf("thermostat", Date.parse("2026-01-01T00:00:00Z"));

  it("is what the guardrail's own timer sends, and nothing else", () => {
    expect(isTick(tick, "thermostat", environment)).to.equal(true);
    expect(isTick(tick, "other", environment)).to.equal(false);
    expect(isTick({ ...tick, source: "custom.events" }, "thermostat", environment)).to.equal(false);
    expect(isTick({ ...tick, resources: [] }, "thermostat", environment)).to.equal(false);
    expect(
      isTick({ ...tick, "detail-type": "AWS API Call via CloudTrail" }, "thermostat", environment),
    ).to.equal(false);
  });
});
