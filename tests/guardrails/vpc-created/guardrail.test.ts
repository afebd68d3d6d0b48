import { assert } from "chai";
import { vpcCreated as guardrail } from "../../../components/guardrails/vpc-created";
import { compile } from "../../../patterns";
import { textAt } from "../../../runtime/events";
import { behaves, rendered } from "../../support/behaviour";
import { recordedEvents, recordingsAreMissing } from "../../support/events/recorded";
import { writtenEvents } from "../../support/events/written";

const events = writtenEvents("vpc-created");

behaves(guardrail, {
  "must act": {
    "somebody creates a VPC": "CreateVpc-plain",
    "root does": "CreateVpc-by-root",
    "a user does": "CreateVpc-by-iam-user",
    "CloudFormation does": "CreateVpc-by-cloudformation",
    "a record that lost its answer": "CreateVpc-without-answer",
    "a default VPC": "CreateDefaultVpc-plain",
    "a default VPC, with the answer as it was given": "CreateDefaultVpc-as-answered",
  },
  "must not act": {
    "the call was denied": "CreateVpc-denied",
    "it was a dry run": "CreateVpc-dry-run",
    "there may be no more VPCs": "CreateVpc-over-limit",
    "a default VPC was denied": "CreateDefaultVpc-denied",
  },
});

describe("vpc-created: recorded calls", () => {
  const recorded = "recorded calls are told exactly when they made a VPC";
  if (recordingsAreMissing) it.skip(`${recorded} (${recordingsAreMissing})`);
  else
    it(recorded, () => {
      const matches = compile("pattern" in guardrail.triggers[0] && guardrail.triggers[0].pattern);
      const all = recordedEvents(["CreateVpc", "CreateDefaultVpc"]);
      assert.isNotEmpty(all);
      for (const { file, event } of all) {
        const isMade = event.detail.errorCode === undefined;
        assert.equal(matches(event), isMade, file);
        if (isMade)
          assert.match(rendered(guardrail, event)[0], /^A VPC was created: vpc-[0-9a-f]+ with/, file);
      }
    });
});

describe("vpc-created: what the notice says", () => {
  const told: [string, string, string][] = [
    [
      "CreateVpc-plain",
      "A VPC was created: vpc-0a1b2c3d4e5f60718 with addresses 10.20.0.0/16",
      "Who: arn:aws:sts::123456789012:assumed-role/developer/ana ",
    ],
    [
      "CreateVpc-by-root",
      "A VPC was created: vpc-0a1b2c3d4e5f60718 with addresses 10.20.0.0/16",
      "Who: arn:aws:iam::123456789012:root ",
    ],
    [
      "CreateVpc-by-cloudformation",
      "A VPC was created: vpc-0a1b2c3d4e5f60718 with addresses 10.20.0.0/16",
      "Who: arn:aws:sts::123456789012:assumed-role/developer/ana cloudformation.amazonaws.com",
    ],
    [
      "CreateDefaultVpc-plain",
      "A VPC was created: vpc-0d1b2c3d4e5f60718 with addresses 172.31.0.0/16",
      "Who: arn:aws:sts::123456789012:assumed-role/developer/ana ",
    ],
    [
      "CreateDefaultVpc-as-answered",
      "A VPC was created: vpc-0d1b2c3d4e5f60718 with addresses 172.31.0.0/16",
      "Who: arn:aws:sts::123456789012:assumed-role/developer/ana ",
    ],
  ];
  for (const [name, what, who] of told)
    it(`${name}: names the VPC once, its addresses, where and who`, () => {
      const text = rendered(guardrail, events[name]);

      assert.equal(text[0], what);
      assert.include(text, "Where: account 123456789012, region eu-west-1");
      assert.include(text, "When: 2026-11-20T09:15:30Z");
      assert.include(text, who);
    });

  it("a record that lost its answer still says where to look", () => {
    const text = rendered(guardrail, events["CreateVpc-without-answer"]).join("\n");

    assert.notInclude(text, "undefined");
    assert.include(text, `CloudTrail event ${textAt(events["CreateVpc-without-answer"].detail, "eventID")}`);
  });
});
