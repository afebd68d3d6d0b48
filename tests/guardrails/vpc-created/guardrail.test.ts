import { assert } from "chai";
import { vpcCreated as guardrail } from "../../../components/guardrails/vpc-created";
import { compile } from "../../../patterns";
import { type GuardrailEvent, textAt } from "../../../runtime/events";
import { recordedEvents, recordingsAreMissing } from "../../support/events/recorded";
import { writtenEvents } from "../../support/events/written";

const events = writtenEvents("vpc-created");
const { paths, lines } = guardrail.notice;
/** What EventBridge makes of one line: a variable whose path the event lacks is left out. */
const rendered = (event: GuardrailEvent): string[] =>
  lines.map(line =>
    line.replace(/<(\w+)>/g, (_, name: keyof typeof paths) => {
      const path = paths[name].split(".").slice(1);
      return textAt(event, ...path) ?? "";
    }),
  );

describe("vpc-created: which events are told", () => {
  it("every new VPC is told, whoever made it, and no call that failed", () => {
    const matches = compile("pattern" in guardrail.triggers[0] && guardrail.triggers[0].pattern);

    const through = Object.keys(events).filter(name => matches(events[name]));

    assert.sameMembers(through, [
      "CreateVpc-plain",
      "CreateVpc-by-root",
      "CreateVpc-by-iam-user",
      "CreateVpc-by-cloudformation",
      "CreateVpc-without-answer",
      "CreateDefaultVpc-plain",
      "CreateDefaultVpc-as-answered",
    ]);
  });

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
        if (isMade) assert.match(rendered(event)[0], /^A VPC was created: vpc-[0-9a-f]+ with/, file);
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
      const text = rendered(events[name]);

      assert.equal(text[0], what);
      assert.include(text, "Where: account 123456789012, region eu-west-1");
      assert.include(text, "When: 2026-11-20T09:15:30Z");
      assert.include(text, who);
    });

  it("a record that lost its answer still says where to look", () => {
    const text = rendered(events["CreateVpc-without-answer"]).join("\n");

    assert.notInclude(text, "undefined");
    assert.include(text, `CloudTrail event ${textAt(events["CreateVpc-without-answer"].detail, "eventID")}`);
  });

  it("keeps to what EventBridge accepts of an input transformer", () => {
    const template = lines.map(line => JSON.stringify(line)).join("\n");
    const used = [...template.matchAll(/<([^>]*)>/g)].map(([, name]) => name);

    assert.isAtMost(Object.keys(paths).length, 100);
    assert.isAtMost(template.length, 8192);
    assert.sameMembers([...new Set(used)], Object.keys(paths));
    for (const [name, path] of Object.entries(paths)) {
      assert.match(name, /^[A-Za-z0-9_-]+$/);
      assert.notMatch(name, /^aws\./);
      assert.match(path, /^\$(\.[A-Za-z0-9_-]+)+$/);
    }
    for (const line of lines) assert.notMatch(line, /["\\\n]/);
  });
});
