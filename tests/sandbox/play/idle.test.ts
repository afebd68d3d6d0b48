import { expect } from "chai";
import { catalogue } from "../../../components/guardrails";
import { type DeployedStack, startStack } from "../support/stack";
import { countsOf, example, readUnitsOfOthers } from "../../../tools/pages/cost";
import type { Call } from "../../../sandbox/ground/call";

const hour = 60;

/**
 * Capacity units of a call to the ledger whose items are small, as AWS counts them: a consistent read 1, another one a
 * half, a write 1, and 2 for each item of a transaction:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
function unitsOf({ operation, input }: Call): { read: number; write: number } {
  const lists = (member: string) => Object.values(input[member] ?? {}) as unknown[][];
  const keys = () =>
    (Object.values(input.RequestItems ?? {}) as { Keys: unknown[]; ConsistentRead?: boolean }[]).reduce(
      (sum, { Keys, ConsistentRead }) => sum + Keys.length * (ConsistentRead ? 1 : 0.5),
      0,
    );
  switch (operation) {
    case "GetItem":
    case "Query":
      return { read: input.ConsistentRead === true ? 1 : 0.5, write: 0 };
    case "BatchGetItem":
      return { read: keys(), write: 0 };
    case "PutItem":
    case "UpdateItem":
    case "DeleteItem":
      return { read: 0, write: 1 };
    case "BatchWriteItem":
      return { read: 0, write: lists("RequestItems").flat().length };
    case "TransactWriteItems":
      return { read: 0, write: 2 * (input.TransactItems as unknown[]).length };
    default:
      throw new Error(`Unknown: ${operation}`);
  }
}

describe("an hour in which nothing happens", function () {
  this.timeout(300_000);
  let stack: DeployedStack;
  before(async () => void (stack = await startStack()));
  after(() => stack?.stop());

  it("costs no more than docs/cost.md takes a tick to cost", async () => {
    // The first ticks make the first sweeps.
    await stack.stage.pass(hour);
    const calls: Call[] = [];
    stack.faults.before = call => void calls.push(call);
    const from = stack.sandbox.journal.happenings.length;
    await stack.stage.pass(hour);
    stack.faults.before = undefined;

    const since = stack.sandbox.journal.happenings.slice(from);
    const ticks = since.filter(({ kind }) => kind === "invocation").length;
    const units = calls.filter(({ service }) => service === "dynamodb").map(unitsOf);
    const read = units.reduce((sum, one) => sum + one.read, 0) / ticks;
    const write = units.reduce((sum, one) => sum + one.write, 0) / ticks;
    const lines = since.flatMap(one => (one.kind === "log" ? [one.line] : []));
    const kilobytes = lines.join("\n").length / ticks / 1024;

    expect(ticks).to.equal(countsOf(catalogue).ticksAnHour);
    // Start, end and report, which Lambda itself writes, are about 0.4 KB.
    expect(kilobytes + 0.4).to.be.at.most(example.logKilobytes);
    const { functions } = countsOf(catalogue);
    const readAtMost = example.readUnitsOfATick + readUnitsOfOthers(functions) / ticks;
    expect([read, write]).to.deep.equal([readAtMost, example.writeUnitsOfATick]);
  });
});
