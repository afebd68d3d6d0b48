import type { EC2Client } from "@aws-sdk/client-ec2";
import { assert } from "chai";
import { securityGroupOpenIngress as guardrail } from "../../../components/guardrails/security-group-open-ingress";
import { compile } from "../../../patterns";
import { groupAt, nothingNew } from "../../../components/guardrails/security-group-open-ingress/resources";
import {
  type Admission,
  type IngressRule,
  ruleRead,
} from "../../../components/guardrails/security-group-open-ingress/rules";
import { behaves } from "../../support/behaviour";
import { awsError, fakeClient, inputsOf } from "../../support/fakes/client";
import { assessed, brought, egress, events, group, list, only, rule, ruleId, set, stateOf } from "./ingress";

behaves(guardrail, {
  "must act": {
    "SSH was opened to everybody": "AuthorizeSecurityGroupIngress-permissions",
    "remote desktop was opened to everybody over IPv6": "AuthorizeSecurityGroupIngress-ipv6",
    "all protocols were opened": "AuthorizeSecurityGroupIngress-all-protocols",
    "two halves of all addresses": "AuthorizeSecurityGroupIngress-halves",
    "one call that added several rules": "AuthorizeSecurityGroupIngress-several",
    "the web was opened": "AuthorizeSecurityGroupIngress-web",
    "a rule for the office's addresses": "AuthorizeSecurityGroupIngress-office",
    "a rule for another group": "AuthorizeSecurityGroupIngress-from-group",
    "a rule for a prefix list": "AuthorizeSecurityGroupIngress-prefix-list",
    "root added a rule": "AuthorizeSecurityGroupIngress-by-root",
    "an IAM user added a rule": "AuthorizeSecurityGroupIngress-by-iam-user",
    "CloudFormation added a rule": "AuthorizeSecurityGroupIngress-by-cloudformation",
    "a rule in the flat form": "AuthorizeSecurityGroupIngress-flat",
    "a rule whose permission stands in no list": "AuthorizeSecurityGroupIngress-bare-permission",
    "a call that names the group by its name": "AuthorizeSecurityGroupIngress-by-name",
    "such a call whose record lost its answer": "AuthorizeSecurityGroupIngress-by-name-without-answer",
    "a record from before rules had ids": "AuthorizeSecurityGroupIngress-old-record",
    "a request too long for its record": "AuthorizeSecurityGroupIngress-omitted-request",
    "a request for a prefix list too long for its record":
      "AuthorizeSecurityGroupIngress-prefix-list-omitted-request",
    "an answer too long for its record": "AuthorizeSecurityGroupIngress-omitted-answer",
    "a rule was removed, so that what comes back is told again": "RevokeSecurityGroupIngress-permissions",
    "a rule was removed from a group that the call names by its name": "RevokeSecurityGroupIngress-by-name",
    "a rule was changed, and lets in a prefix list": "ModifySecurityGroupRules-to-prefix-list",
    "a rule was changed": "ModifySecurityGroupRules-one",
    "several rules were changed": "ModifySecurityGroupRules-several",
    "a rule was changed, in the older spelling": "ModifySecurityGroupRules-lower-case",
    "Auto Scaling launched instances with old groups": "RunInstances-by-auto-scaling",
    "a prefix list got everybody": "ModifyManagedPrefixList-entry-added",
    "a prefix list got everybody in two halves": "ModifyManagedPrefixList-entries-added",
    "a prefix list got the office": "ModifyManagedPrefixList-office-added",
    "a prefix list got everybody, in the older spelling": "ModifyManagedPrefixList-lower-case",
    "a prefix list is again what it was": "RestoreManagedPrefixListVersion-plain",
    "instances were launched with groups": "RunInstances-plain",
    "instances were launched in the console": "RunInstances-in-console",
    "instances were launched with interfaces, and the answer was too long for its record":
      "RunInstances-interfaces-omitted-answer",
    "an interface was made, and the answer was too long for its record":
      "CreateNetworkInterface-omitted-answer",
    "an instance got other groups, recorded as it was sent": "ModifyInstanceAttribute-groups-set-as-sent",
    "an interface was made": "CreateNetworkInterface-plain",
    "an instance got other groups": "ModifyInstanceAttribute-groups-set",
    "an interface got other groups": "ModifyNetworkInterfaceAttribute-groups-set",
    "an interface got other groups, recorded as it was sent":
      "ModifyNetworkInterfaceAttribute-groups-set-as-sent",
  },
  "must not act": {
    "a new rule was denied": "AuthorizeSecurityGroupIngress-denied",
    "a new rule was a dry run": "AuthorizeSecurityGroupIngress-dry-run",
    "the rule was there already": "AuthorizeSecurityGroupIngress-duplicate",
    "the guardrail's own role added a rule": "AuthorizeSecurityGroupIngress-by-own-role",
    "a new rule whose record lost both bodies": "AuthorizeSecurityGroupIngress-without-bodies",
    "the change of a rule was denied": "ModifySecurityGroupRules-denied",
    "a changed rule whose record lost both bodies": "ModifySecurityGroupRules-without-bodies",
    "the change of a prefix list was denied": "ModifyManagedPrefixList-denied",
    "the launch was denied": "RunInstances-denied",
    "other groups for an instance were denied": "ModifyInstanceAttribute-groups-denied",
    "an instance lost its protection from termination": "ModifyInstanceAttribute-other-attribute",
    "a change of an instance whose record lost both bodies": "ModifyInstanceAttribute-without-bodies",
    "an interface no longer checks its addresses": "ModifyNetworkInterfaceAttribute-other-attribute",
  },
});

describe("security-group-open-ingress: what its rule lets through", () => {
  it("the rule lets through every call that happened, and none that failed", () => {
    const matches = guardrail.triggers.map(trigger => compile("pattern" in trigger && trigger.pattern));

    const refused = Object.keys(events).filter(name => !matches.some(one => one(events[name])));

    assert.sameMembers(refused, [
      "AuthorizeSecurityGroupIngress-denied",
      "AuthorizeSecurityGroupIngress-dry-run",
      "AuthorizeSecurityGroupIngress-duplicate",
      "ModifySecurityGroupRules-denied",
      "ModifyManagedPrefixList-denied",
      "RunInstances-denied",
      "ModifyInstanceAttribute-groups-denied",
    ]);
  });
});

describe("security-group-open-ingress: removing and undoing", () => {
  const state = stateOf(
    rule(1, "tcp 22", "0.0.0.0/0"),
    rule(2, "tcp 22", "::/0"),
    rule(3, "tcp 443", "0.0.0.0/0"),
  );
  const resource = groupAt(group, "123456789012", "eu-west-1", brought(state, 1, 2, 3));
  const finding = assessed(state, resource.hints);
  const fix = (ec2: EC2Client) => {
    assert.isDefined(finding);
    return guardrail.remediate({ ec2 }, [{ resource, state, finding }], set());
  };

  it("revokes exactly the open rules, by id, in one call", async () => {
    const ec2 = fakeClient<EC2Client>({ RevokeSecurityGroupIngress: () => ({ Return: true }) });

    await fix(ec2);

    assert.deepEqual(ec2.calls, [
      {
        operation: "RevokeSecurityGroupIngress",
        input: { GroupId: group, SecurityGroupRuleIds: [1, 2].map(ruleId) },
      },
    ]);
  });

  it("revokes the others when somebody else removed one meanwhile", async () => {
    const ec2 = fakeClient<EC2Client>({
      RevokeSecurityGroupIngress: ({ SecurityGroupRuleIds }) => {
        if ((SecurityGroupRuleIds as string[]).includes(ruleId(1)))
          throw awsError("InvalidSecurityGroupRuleId.NotFound");
        return { Return: true };
      },
      ...only([rule(2, "tcp 22", "::/0")]),
    });

    await fix(ec2);

    assert.deepEqual(inputsOf(ec2, "RevokeSecurityGroupIngress")[1].SecurityGroupRuleIds, [ruleId(2)]);
  });

  it("is done when somebody else removed them all", async () => {
    const ec2 = fakeClient<EC2Client>({
      RevokeSecurityGroupIngress: () => {
        throw awsError("InvalidSecurityGroupRuleId.NotFound");
      },
      ...only([egress]),
    });

    await fix(ec2);

    assert.lengthOf(inputsOf(ec2, "RevokeSecurityGroupIngress"), 1);
  });

  for (const name of ["UnauthorizedOperation", "InvalidGroup.NotFound", "RequestLimitExceeded"])
    it(`rethrows ${name}`, async () => {
      const ec2 = fakeClient<EC2Client>({
        RevokeSecurityGroupIngress: () => {
          throw awsError(name);
        },
      });

      const error = await fix(ec2).then(
        () => undefined,
        (thrown: Error) => thrown.name,
      );

      assert.equal(error, name);
    });

  it("an undo makes exactly the removed rules again, with description and tags, a call for the same tags", async () => {
    const described = {
      ...state,
      rules: state.rules.map((one): IngressRule => ({
        ...one,
        description: `about ${one.source}`,
        tags: { Team: "shop", "aws:x": "y" },
      })),
    };
    const withList = { ...described, rules: [...described.rules, ruleRead(rule(4, "-1", list))] };
    const after = { ...withList, rules: withList.rules.filter(one => one.ruleId === ruleId(3)) };
    const ec2 = fakeClient<EC2Client>({ AuthorizeSecurityGroupIngress: () => ({ Return: true }) });

    await guardrail.undo({ ec2 }, resource, withList, after);

    const tagged = {
      TagSpecifications: [{ ResourceType: "security-group-rule", Tags: [{ Key: "Team", Value: "shop" }] }],
    };
    const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22 };
    assert.deepEqual(inputsOf(ec2, "AuthorizeSecurityGroupIngress"), [
      {
        GroupId: group,
        IpPermissions: [
          { ...ssh, IpRanges: [{ CidrIp: "0.0.0.0/0", Description: "about 0.0.0.0/0" }] },
          { ...ssh, Ipv6Ranges: [{ CidrIpv6: "::/0", Description: "about ::/0" }] },
        ],
        ...tagged,
      },
      {
        GroupId: group,
        IpPermissions: [
          { IpProtocol: "-1", PrefixListIds: [{ PrefixListId: list, Description: undefined }] },
        ],
      },
    ]);
  });

  it("foretells every finding that the undo's own calls lead to, whichever of them is heard of", () => {
    const after = stateOf(rule(3, "tcp 443", "0.0.0.0/0"));
    const settings = set();
    const heard = (admissions: Admission[]) =>
      guardrail.assess(state, settings, { ...nothingNew, route: "rule-added", admissions })?.fingerprint;

    const foretold = (guardrail.undone?.(resource, state, after) ?? []).map(
      ({ resource: named, state: then }) => guardrail.assess(then, settings, named.hints)?.fingerprint,
    );

    const back = state.rules.filter(one => one.ruleId !== ruleId(3));
    assert.lengthOf(back, 2);
    assert.includeMembers(foretold, [heard(back), ...back.map(one => heard([one]))]);
    assert.notInclude(foretold, undefined);
    const desktop = ruleRead(rule(4, "tcp 3389", "0.0.0.0/0"));
    const hints = { ...nothingNew, route: "rule-added" as const, admissions: [desktop] };
    const another = guardrail.assess({ ...state, rules: [...state.rules, desktop] }, settings, hints);
    assert.isDefined(another);
    assert.notInclude(foretold, another?.fingerprint);
  });

  it("an undo of what somebody already made again is done", async () => {
    const ec2 = fakeClient<EC2Client>({
      AuthorizeSecurityGroupIngress: () => {
        throw awsError("InvalidPermission.Duplicate");
      },
    });

    await guardrail.undo({ ec2 }, resource, state, stateOf(rule(3, "tcp 443", "0.0.0.0/0")));

    // Together refused, so each alone.
    assert.lengthOf(ec2.calls, 3);
  });

  it("may write nothing but the removal of ingress rules of this account's groups", () => {
    const region = "cn-north-1";
    const scope = {
      partition: "aws-cn",
      account: "123456789012",
      region,
      regions: [region],
      settings: set(),
    };

    assert.deepEqual(guardrail.permissions(scope).write, [
      {
        actions: ["ec2:RevokeSecurityGroupIngress"],
        resources: ["arn:aws-cn:ec2:cn-north-1:123456789012:security-group/*"],
        unheld:
          "Any ingress rule of any security group of the account can be removed with it, harmless ones too: EC2 knows no condition on the rule.",
      },
    ]);
  });
});

describe("security-group-open-ingress: settings", () => {
  it("guard SSH and remote desktop by default, never the web", () => {
    const { tellPorts, trusted: _, ...others } = set();
    assert.deepEqual(others, {
      ports: [22, 3389],
      openIpv4Prefix: 8,
      openIpv6Prefix: 16,
      allProtocols: "remove-new",
      appliances: [],
    });
    assert.notIncludeMembers(tellPorts, [80, 443]);
  });

  const refused: [string, Record<string, unknown>][] = [
    ["port 0", { ports: [0] }],
    ["port 65536", { ports: [65536] }],
    ["half a port", { ports: [22.5] }],
    ["a port as text", { ports: ["ssh"] }],
    ["no port", { ports: [] }],
    ["an unknown knob", { port: [22] }],
    ["another word for all protocols", { allProtocols: "remove" }],
    ["an appliance that is no group and no interface", { appliances: ["i-0123456789abcdef0"] }],
    ["a prefix length beyond IPv4", { openIpv4Prefix: 33 }],
  ];
  for (const [what, knobs] of refused)
    it(`${what} is refused`, () => {
      assert.isFalse(guardrail.settings.safeParse(knobs).success);
    });
});

describe("security-group-open-ingress: ids that are no ids", () => {
  for (const id of ["constructor", "__proto__", "toString"])
    it(`a group called ${id} is not there, rather than a member of every object`, async () => {
      const ec2 = fakeClient<EC2Client>({
        DescribeSecurityGroupRules: () => ({ SecurityGroupRules: [] }),
        DescribeSecurityGroups: () => ({ SecurityGroups: [] }),
      });
      const named = groupAt(id, "123456789012", "us-east-1", nothingNew);

      const states = await guardrail.inspect({ ec2 }, [named], set());

      assert.deepEqual(states, {});
    });
});
