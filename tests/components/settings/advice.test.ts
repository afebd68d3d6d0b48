import { expect } from "chai";
import { catalogue, defaultPack } from "../../../components/guardrails";
import { readSettings } from "../../../components/settings";
import { warningInWords } from "../../../components/settings/mistakes";

const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const warningsOf = (given: Record<string, unknown>) =>
  readSettings(
    Object.fromEntries(
      Object.entries({ recipients: "secops@corp.internal", ...given }).map(([key, value]) => [
        `aws-event-guardrails:${key}`,
        asText(value),
      ]),
    ),
    catalogue,
    defaultPack,
  ).warnings.map(one => warningInWords(one));

const enforcing = { guardrails: { "security-group-open-ingress": "enforce", "ec2-launch-baseline": "off" } };
const secops = "arn:aws:iam::123456789012:role/secops";

describe("what should be known of a stack before it is deployed", () => {
  it("is nothing where nothing is written", () =>
    expect(warningsOf({ guardrails: { "ec2-launch-baseline": "off" } })).to.deep.equal([]));

  it("is that nobody gets what goes to an address that was copied", () => {
    const quiet = { guardrails: { "ec2-launch-baseline": "off" } };
    for (const domain of [
      "example.com",
      "eu.example.org",
      "example.net",
      "corp.test",
      "corp.invalid",
      "EXAMPLE.COM",
    ])
      expect(warningsOf({ ...quiet, recipients: `secops@${domain}` }), domain).to.deep.equal([
        `recipients: secops@${domain} is in a domain that is nobody's, so nobody will be told of anything. Name who is to be told: pulumi config set recipients '<address>,<address>'`,
      ]);
    expect(warningsOf({ ...quiet, recipients: "a@example.com,b@corp.internal" })[0]).to.match(
      /^recipients: a@example\.com is in a domain that is nobody's, so nobody gets what goes there\./,
    );
    expect(warningsOf({ ...quiet, recipients: "a@myexample.com,b@example.company" })).to.deep.equal([]);
  });

  it("is that no account is trusted for its organization alone", () => {
    const quiet = { guardrails: { "ec2-launch-baseline": "off" } };
    const trusted = { organization: "o-a1b2c3d4e5" };

    expect(warningsOf({ ...quiet, trusted })).to.deep.equal([
      "trusted: no guardrail of this version can tell an account of o-a1b2c3d4e5 by its number, so keys and prefix lists of its accounts are called foreign. List the accounts that you use: pulumi config set --path 'trusted.accounts[0]' '<account>'",
    ]);
    expect(warningsOf({ ...quiet, trusted: { ...trusted, accounts: ["111122223333"] } })).to.deep.equal([]);
  });

  it("is that a guardrail enforces and nobody has said who puts resources back", () => {
    expect(warningsOf({ ...enforcing, operators: [secops] })).to.deep.equal([
      "security-group-open-ingress enforces, but the stack says nothing of controllers: a guardrail would fight what puts its own resources back, such as Karpenter or a load balancer controller. Name that with pulumi config set --path 'controllers[0]' 'arn:aws:iam::<account>:role/<path and name>', or say that there is none with pulumi config set controllers '[]'",
    ]);
  });

  it("is not that any more once there is an answer, an empty list among them", () => {
    for (const controllers of [[], "[]", [{ role: "/cluster/karpenter" }]])
      expect(warningsOf({ ...enforcing, operators: [secops], controllers })).to.deep.equal([]);
  });

  it("is what cannot be undone where a guardrail enforces without an operator", () => {
    for (const operators of [undefined, []]) {
      const [warning, ...others] = warningsOf({
        ...enforcing,
        controllers: [],
        ...(operators && { operators }),
      });

      expect(others).to.deep.equal([]);
      expect(warning).to.match(
        /^security-group-open-ingress enforces, but the stack has no operator: nobody, administrators included, could undo a change, pause a guardrail or resume what it holds/,
      );
      expect(warning).to.match(/Admit one with pulumi config set --path 'operators\[0\]' /);
    }
  });

  it("names every guardrail that enforces", () => {
    const [warning] = warningsOf({
      guardrails: {
        "s3-bucket-encryption": "enforce",
        "security-group-open-ingress": "enforce",
        "ec2-launch-baseline": "off",
      },
      controllers: [],
    });

    expect(warning).to.match(/^s3-bucket-encryption and security-group-open-ingress enforce, but/);
  });

  it("is that a list names a permission set's role by an ARN that will change, with the command for the set", () => {
    const role = (name: string) =>
      `arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_${name}_0123456789abcdef`;

    expect(
      warningsOf({
        guardrails: { "ec2-launch-baseline": "off" },
        operators: [role("SecOps"), secops],
        expected: [{ permissionSet: "Dev" }],
      }),
    ).to.deep.equal([
      `operators[0]: a permission set's role gets another ARN when it is assigned anew, and this entry then names nobody; name the set with pulumi config rm operators && pulumi config set-all --path --plaintext 'operators[0].permissionSet=SecOps' --plaintext 'operators[1]=${secops}'`,
    ]);
  });
});
