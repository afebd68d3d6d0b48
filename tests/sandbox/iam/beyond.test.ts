import { expect } from "chai";
import type { AnyInspecting } from "../../../components/definition";
import { onlyFrom, policyDocument } from "../../../components/statements";
import { evaluate, type Context } from "../../../sandbox/iam/authorize";
import { parsePolicy } from "../../../sandbox/iam/policies";
import { inspecting, settingsOf } from "../../support/inspecting";
import { scopeOf } from "../../support/settings-variants";

/* What a function's role cannot do with the actions that it may write with: IAM refuses, whatever the code does. */

const account = "123456789012";
const own = `arn:aws:lambda:us-east-1:${account}:function:guardrails-dev-any`;
const from = { "lambda:SourceFunctionArn": own };
const ec2 = (resource: string, owner = account) => `arn:aws:ec2:us-east-1:${owner}:${resource}`;
const instance = ec2("instance/i-0123456789abcdef0");
const networkInterface = ec2("network-interface/eni-0123456789abcdef0");
const group = (owner = account) => ec2("security-group/sg-0123456789abcdef0", owner);
const bucket = "arn:aws:s3:::reports";
const tag = (key: string, value: string) => ({ "aws:TagKeys": [key], [`aws:RequestTag/${key}`]: value });

interface Try {
  readonly what: string;
  readonly resource: string;
  readonly context: Context;
}
/** Guardrail → action → the call that its code makes, and calls beyond that. */
const tries: Readonly<Record<string, Readonly<Record<string, { code: Try; beyond: Try[] }>>>> = {
  "ec2-launch-baseline": {
    "ec2:CreateTags": {
      code: {
        what: "gives a required tag that is missing",
        resource: instance,
        context: { ...from, ...tag("Owner", "unassigned") },
      },
      beyond: [
        {
          what: "overwrite a tag",
          resource: instance,
          context: { ...from, ...tag("Owner", "unassigned"), "aws:ResourceTag/Owner": "team-shop" },
        },
        {
          what: "write another key",
          resource: instance,
          context: { ...from, ...tag("Project", "mallory") },
        },
        {
          what: "overwrite a protected tag",
          resource: instance,
          context: { ...from, ...tag("Access", "none"), "aws:ResourceTag/Access": "admins" },
        },
        {
          what: "write another key beside a missing one",
          resource: instance,
          context: { ...from, ...tag("Owner", "unassigned"), "aws:TagKeys": ["Owner", "Project"] },
        },
        {
          what: "tag what another account owns",
          resource: ec2("instance/i-0123456789abcdef0", "210987654321"),
          context: { ...from, ...tag("Owner", "unassigned") },
        },
        { what: "call without a key", resource: instance, context: from },
        {
          what: "give a protected key a value that is not the default",
          resource: instance,
          context: { ...from, ...tag("Access", "admins") },
        },
        {
          what: "tag what a service manages",
          resource: instance,
          context: {
            ...from,
            ...tag("Owner", "unassigned"),
            "ec2:ManagedResourceOperator": "eks.amazonaws.com",
          },
        },
        {
          what: "tag another kind of resource",
          resource: group(),
          context: { ...from, ...tag("Owner", "unassigned") },
        },
      ],
    },
    "ec2:ModifyNetworkInterfaceAttribute": {
      code: { what: "changes the groups of an interface", resource: networkInterface, context: from },
      beyond: [
        {
          what: "switch the source and destination check off",
          resource: networkInterface,
          context: { ...from, "ec2:Attribute/SourceDestCheck": "false" },
        },
        {
          what: "change the description of an interface",
          resource: networkInterface,
          context: { ...from, "ec2:Attribute/Description": "mallory" },
        },
        {
          what: "give an interface a public address",
          resource: networkInterface,
          context: { ...from, "ec2:Attribute/AssociatePublicIpAddress": "true" },
        },
        {
          what: "change an interface that a service manages",
          resource: networkInterface,
          context: { ...from, "ec2:ManagedResourceOperator": "eks.amazonaws.com" },
        },
        { what: "put on a group of another account", resource: group("210987654321"), context: from },
      ],
    },
  },
  "s3-bucket-encryption": {
    "s3:PutEncryptionConfiguration": {
      code: {
        what: "writes to a bucket of the account",
        resource: bucket,
        context: { ...from, "s3:ResourceAccount": account },
      },
      beyond: [
        {
          what: "write to a bucket of another account that admits it",
          resource: bucket,
          context: { ...from, "s3:ResourceAccount": "210987654321" },
        },
      ],
    },
  },
  "security-group-open-ingress": {
    "ec2:RevokeSecurityGroupIngress": {
      code: { what: "removes a rule of a group of the account", resource: group(), context: from },
      beyond: [
        { what: "change a group of another account", resource: group("210987654321"), context: from },
        {
          what: "change a group of a region that the stack does not cover",
          resource: group().replace("us-east-1", "eu-west-1"),
          context: from,
        },
        { what: "change what is no group", resource: networkInterface, context: from },
      ],
    },
  },
};

const settingsFor = (definition: AnyInspecting) =>
  settingsOf(definition, {
    ...(definition.needs.includes("adminSecurityGroupId") && {
      adminSecurityGroupId: "sg-0123456789abcdef0",
      requiredTags: { Owner: "unassigned", Access: "none" },
      protectedTags: ["Access"],
    }),
  });

for (const definition of inspecting)
  describe(`the role of ${definition.id}`, () => {
    const statements = definition.permissions(scopeOf(settingsFor(definition))).write;
    const written = [
      ...new Set(statements.flatMap(({ actions }: { actions: readonly string[] }) => actions)),
    ];
    const policy = parsePolicy(JSON.stringify(policyDocument(onlyFrom(own, statements))), "identity");
    const isAllowed = (action: string, { resource, context }: Try) =>
      evaluate({
        principal: { kind: "role", account, arn: `arn:aws:sts::${account}:assumed-role/r/s`, roleArn: "r" },
        action,
        resource,
        context,
        identityPolicies: [policy],
        sameAccount: true,
      }).allowed;

    it("is tried with each action that it may write with", () => {
      expect(Object.keys(tries[definition.id] ?? {}).sort()).to.deep.equal(written.sort());
    });

    it("is tried against each condition under which it may write", () => {
      for (const { actions, conditions = {} } of statements) {
        const keys = Object.values(conditions).flatMap(operator => Object.keys(operator));
        for (const action of actions) {
          const { code, beyond } = tries[definition.id][action];
          const differs =
            (key: string) =>
            ({ context }: Try) =>
              JSON.stringify(context[key]) !== JSON.stringify(code.context[key]);
          expect(
            keys.filter(key => !beyond.some(differs(key))),
            action,
          ).to.deep.equal([]);
        }
      }
    });

    for (const [action, { code, beyond }] of Object.entries(tries[definition.id] ?? {})) {
      it(`may ${action} where its code ${code.what}`, () => {
        expect(isAllowed(action, code)).to.equal(true);
      });
      it(`may not ${action} outside its own function`, () => {
        const { "lambda:SourceFunctionArn": _, ...elsewhere } = code.context as Record<string, string>;
        expect(isAllowed(action, { ...code, context: elsewhere })).to.equal(false);
        const other = { ...elsewhere, "lambda:SourceFunctionArn": `${own}-other` };
        expect(isAllowed(action, { ...code, context: other })).to.equal(false);
      });
      for (const one of beyond)
        it(`may not ${action} to ${one.what}`, () => {
          expect(isAllowed(action, one)).to.equal(false);
        });
    }
  });
