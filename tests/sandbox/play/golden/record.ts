import { gunzipSync } from "node:zlib";
import { DynamoDBClient, ScanCommand, type AttributeValue } from "@aws-sdk/client-dynamodb";
import type { RunResult } from "../../../../sandbox/pulumi/engine";
import type { Happening } from "../../../../sandbox/ground/journal";
import { isNotice } from "../../../../sandbox/play/stage";
import type { Sandbox } from "../../../../sandbox/sandbox";
import { normalized } from "./normalized";

/** What one play of the scenario said and kept, without what differs from one play to the next. */
export interface Golden {
  /** Every line that functions wrote (audit lines, metrics, what was ignored) and every mail, by step. */
  readonly steps: Readonly<Record<string, { readonly lines: string[]; readonly mails: string[] }>>;
  readonly ledger: string[];
  /** Type, name, parent and inputs of every resource of the stack, but for the code of functions. */
  readonly resources: string[];
  readonly outputs: string[];
}

/** The lines and mails among these happenings, each normalized alone, sorted: functions run side by side. */
export function saidIn(happenings: readonly Happening[]): { lines: string[]; mails: string[] } {
  const lines = happenings.flatMap(one =>
    one.kind === "log" && !isOfATick(one.line) ? [`${one.functionName} ${normalized(one.line)}`] : [],
  );
  const mails = happenings.flatMap(one =>
    isNotice(one)
      ? [
          normalized(
            JSON.stringify({ to: one.to, subject: one.subject, body: one.body, attributes: one.attributes }),
          ),
        ]
      : [],
  );
  return { lines: lines.sort(), mails: mails.sort() };
}

/** When it ticks depends on the minute in which it is played. */
const isOfATick = (line: string): boolean => line.startsWith("{") && /"(Open|TickDelay)":/.test(line);
/** So does when a mail may follow another, and what CloudTrail has been asked. */
const isOfTime = ({ pk }: Record<string, unknown>): boolean => /#(tick|digest|causes)$/.test(String(pk));

/** Every item of the ledger's table but what depends on the minute, normalized and sorted. */
export async function ledgerOf({ gateway }: Sandbox, TableName: string): Promise<string[]> {
  const dynamo = gateway.client(DynamoDBClient, { region: "us-east-1" });
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return merged(Items.map(plainOf).filter(item => !isOfTime(item)))
    .map(item => normalized(JSON.stringify(item)))
    .sort();
}

/** A play across the turn of an hour takes from two hours' budgets: their sum is the same. */
function merged(items: Record<string, unknown>[]): Record<string, unknown>[] {
  const budgets: Record<string, Record<string, unknown>> = {};
  const others = items.filter(item => {
    const [, key] = /^([^#]*#budget#.*)#[^#]*$/.exec(String(item.pk)) ?? [];
    if (key === undefined) return true;
    const known = (budgets[`${key} ${String(item.sk)}`] ??= { ...item, used: 0 });
    known.used = Number(known.used) + Number(item.used);
    return false;
  });
  return [...others, ...Object.values(budgets)];
}

const plainOf = (item: Record<string, AttributeValue>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(item)
      .map(([name, value]): [string, unknown] => [name, unpacked(value.S ?? value.N) ?? value])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** What is large is kept compressed. */
const unpacked = (text: string | undefined): string | undefined =>
  text?.startsWith("gz:") ? gunzipSync(Buffer.from(text.slice(3), "base64")).toString() : text;

export const deployedAs = ({ resources, outputs }: RunResult): Pick<Golden, "resources" | "outputs"> => ({
  resources: resources
    .map(({ type, name, parent = "", inputs: { code: _code, ...inputs } }) =>
      normalized(`${type} ${name} in ${parent.split("::").slice(2).join("::")}: ${JSON.stringify(inputs)}`),
    )
    .sort(),
  outputs: normalized(JSON.stringify(outputs, undefined, 1)).split("\n"),
});
