import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { strangerInWords } from "../../../components/admission/deployers";
import { evaluate } from "../../../sandbox/iam/decide";
import { parsePolicy } from "../../../sandbox/iam/policies";
import type { Listed } from "../../../runtime/who/who";
import { deploy, type Deployed } from "../../support/program";

const account = "123456789012";
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const session = (name: string, of = account) => `arn:aws:sts::${of}:assumed-role/${name}/ada@example.com`;
const pipeline = role("ci/deploy");
const admins: Listed = { permissionSet: "Admin", partition: "aws", account };
const adminRole = "AWSReservedSSO_Admin_0123456789abcdef";
const listed = [pipeline, admins, `arn:aws:iam::${account}:user/teams/ada`];

describe("whoever deploys a stack that names its deployers", () => {
  const among: [string, string][] = [
    ["a session of a listed role, whose path STS does not name", session("deploy")],
    ["a session of a listed permission set", session(adminRole)],
    ["a listed user", `arn:aws:iam::${account}:user/teams/ada`],
    ["the root user, as break-glass", `arn:aws:iam::${account}:root`],
  ];
  for (const [what, arn] of among)
    it(`may be ${what}`, () => expect(strangerInWords(listed, arn)).to.equal(undefined));

  const strangers: [string, string][] = [
    ["a session of another role", session("deploy2")],
    ["a session of a role whose name the listed one ends in", session("eploy")],
    ["a session of that role's name in another account", session("deploy", "210987654321")],
    ["a session of another permission set", session("AWSReservedSSO_Admins_0123456789abcdef")],
    ["a session of a role that only begins like the set's", session(`${adminRole}0`)],
    ["a user of that name under another path", `arn:aws:iam::${account}:user/ada`],
    ["a federated user", `arn:aws:sts::${account}:federated-user/deploy`],
  ];
  for (const [what, arn] of strangers)
    it(`is a stranger as ${what}`, () =>
      expect(strangerInWords(listed, arn)).to.contain(`${arn} is none of this stack's deployers`));

  it("is told who they are, and how one of them lets them in", () => {
    expect(strangerInWords(listed, session("Admin"))).to.equal(
      `${session("Admin")} is none of this stack's deployers: the ledger's policy would shut it out. ` +
        `Deploy as one of them (${pipeline}, permission set Admin, arn:aws:iam::${account}:user/teams/ada), or let one of them add it: ` +
        `pulumi config set --path 'deployers[3]' 'arn:aws:iam::${account}:role/<path and Admin>', then pulumi up`,
    );
  });

  describe("at pulumi up and preview", () => {
    const config = {
      "aws-event-guardrails:recipients": ["secops@example.com"],
      "aws-event-guardrails:guardrails": ["vpc-created"],
      "aws-event-guardrails:deployers": [{ role: "/ci/deploy" }, { permissionSet: "Admin" }],
    };
    const policies = ({ resources }: Deployed) =>
      resources.filter(({ type }) => type === "aws:dynamodb/resourcePolicy:ResourcePolicy");

    it("goes on as one of them", async () => {
      const stack = await deploy(config, undefined, "dev", { caller: session("deploy") });
      expect(policies(stack)).to.have.length(1);
    });

    it("ends with one sentence as a stranger, before the ledger's policy is touched", async () => {
      const error = await deploy(config, undefined, "dev", { caller: session("Admin") }).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(pulumi.RunError.isInstance(error), String(error)).to.equal(true);
      expect(error?.message).to.match(/^arn:aws:sts::.+ is none of this stack's deployers/);
    });

    it("only warns as a stranger in a preview, and says nothing where the stack names nobody", async () => {
      const warnings: string[] = [];
      const { warn } = pulumi.log;
      (pulumi.log as { warn: unknown }).warn = async (text: string) => void warnings.push(text);
      try {
        await deploy(config, undefined, "dev", { caller: session("Admin"), preview: true });
        expect(warnings.filter(text => text.includes("none of this stack's deployers"))).to.have.length(1);
        const silent = { ...config, "aws-event-guardrails:deployers": undefined };
        await deploy(JSON.parse(JSON.stringify(silent)), undefined, "dev", { caller: session("Admin") });
        expect(warnings.filter(text => text.includes("none of this stack's deployers"))).to.have.length(1);
      } finally {
        (pulumi.log as { warn: unknown }).warn = warn;
      }
    });

    describe("by the policy of the ledger's table", () => {
      let stack: Deployed;
      before(async () => (stack = await deploy(config, undefined, "dev", { caller: session("deploy") })));

      const table = `arn:aws:dynamodb:us-east-1:${account}:table/guardrails-dev-ledger`;
      const may = (action: string, principalArn: string) =>
        evaluate({
          principal: { kind: "role", account, arn: session("x"), roleArn: principalArn },
          action: `dynamodb:${action}`,
          resource: table,
          context: { "aws:PrincipalArn": principalArn },
          sameAccount: true,
          identityPolicies: [
            parsePolicy({
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
            }),
          ],
          resourcePolicy: parsePolicy(JSON.parse(policies(stack)[0].inputs.policy)),
        }).allowed;
      const reserved = (name: string, path = "eu-west-1/") =>
        role(`aws-reserved/sso.amazonaws.com/${path}${name}`);
      const weakening = [
        "PutResourcePolicy",
        "DeleteResourcePolicy",
        "UpdateTable",
        "DeleteTable",
        "UpdateTimeToLive",
        "UpdateContinuousBackups",
      ];

      for (const action of weakening)
        it(`lets nobody else call ${action}, whatever IAM lets them`, () => {
          for (const stranger of [
            role("admin"),
            role("deploy"),
            role("other/deploy"),
            reserved("AWSReservedSSO_Admins_0123456789abcdef"),
            reserved("AWSReservedSSO_Admin_0123456789abcdef_0123456789abcdef"),
            role(adminRole),
            role("guardrails/guardrails-dev-use1-s3-bucket-encryption"),
          ])
            expect(may(action, stranger), stranger).to.equal(false);
        });

      it("admits each deployer, and root as break-glass", () => {
        for (const deployer of [
          pipeline,
          reserved(adminRole),
          reserved(adminRole, ""),
          `arn:aws:iam::${account}:root`,
        ])
          for (const action of weakening)
            expect(may(action, deployer), `${deployer} ${action}`).to.equal(true);
      });

      it("admits no deployer to the items", () => {
        for (const action of ["GetItem", "PutItem", "Scan"])
          expect(may(action, pipeline), action).to.equal(false);
      });

      it("leaves reading the table's settings, backups and exports to IAM", () => {
        for (const action of ["DescribeTable", "CreateBackup", "ExportTableToPointInTime"])
          expect(may(action, role("admin")), action).to.equal(true);
      });
    });
  });
});
