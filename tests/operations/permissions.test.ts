import { expect } from "chai";
import { Command } from "commander";
import { catalogue } from "../../components/guardrails";
import { inspectingGuardrails } from "../../operations/operator";
import { commands, policyFor } from "../../operations/permissions";
import { registerOperations } from "../../tools/register-operations";
import { lintPolicy } from "../support/policy-lint";
import { settingsVariants } from "../support/settings-variants";

const place = { stack: "prod", partition: "aws", account: "123456789012", home: "eu-west-1" };
const subjects = inspectingGuardrails().map(definition => ({
  definition,
  settings: settingsVariants(definition)[0],
}));

describe("the IAM policy that an operator's command prints", () => {
  it("is there for each of them", () => {
    const program = new Command();
    registerOperations(program);

    expect(program.commands.map(command => command.name())).to.have.members([...commands]);
  });

  for (const command of commands)
    it(`${command}: names only what exists, and nothing wider than it must be`, async () => {
      expect(await lintPolicy(policyFor([command], place, subjects))).to.deep.equal([]);
    });

  it("stays within what IAM takes for one role, all guardrails together", () => {
    for (const command of commands)
      expect(JSON.stringify(policyFor([command], place, subjects)).length, command).to.be.below(6144);
  });

  it("lets whoever may only undo one guardrail touch that guardrail's items, and no pause", () => {
    const [one] = subjects;
    const text = JSON.stringify(policyFor(["undo"], place, [one]));

    expect(text).to.include(`${one.definition.id}#arn:*`);
    expect(text).to.not.include("brake");
    expect(text).to.not.include("lambda:");
    for (const { definition } of subjects.slice(1)) expect(text).to.not.include(definition.id);
  });

  it("lets whoever may pause write nothing else", () => {
    const { Statement } = policyFor(["pause"], place, subjects);
    const [ledger] = Statement;

    expect(ledger.Action).to.deep.equal(["dynamodb:PutItem"]);
    expect(ledger).to.have.deep.property("Condition", {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": catalogue.map(({ id }) => `${id}#brake`) },
    });
  });
});
