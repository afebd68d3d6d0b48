import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { catalogue, defaultPack } from "../components/guardrails";
import { covering } from "../components/regions";
import { boundaryStatements } from "../components/role-statements";
import { inspectSettings } from "../components/settings";
import { readStackConfig } from "../components/settings/file/stack-config";
import { policyDocument } from "../components/statements";
import { partitionOf } from "../runtime/aws/partition";
import { stackFileOf } from "../components/settings/file/names";

export interface BoundaryOptions {
  readonly stack?: string;
  readonly account?: string;
  readonly region?: string;
}

/** A customer managed policy has at most so many characters, white space not counted: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const mostCharacters = 6_144;

/**
 * Prints the least permissions boundary for the roles of a stack.
 * @param folder where the stack files are
 * @returns the exit code: 0 printed, 1 the stack config has mistakes, 2 unusable arguments
 */
export function boundary(
  { stack = process.env.PULUMI_STACK, account = "*", region }: BoundaryOptions,
  streams: { readonly stdout: Writable; readonly stderr: Writable } = process,
  folder = join(__dirname, ".."),
): number {
  const tell = (text: string): void => void streams.stderr.write(`${text}\n`);
  if (stack === undefined) return (tell("Which stack? Give --stack <name>."), 2);
  if (!/^(\d{12}|\*)$/.test(account)) return (tell(`"${account}" is no number of an account.`), 2);
  const file = stackFileOf(stack);
  if (!existsSync(join(folder, file))) return (tell(`There is no ${file} here.`), 2);
  let config: Record<string, string>;
  try {
    config = readStackConfig(readFileSync(join(folder, file), "utf8"), "aws-event-guardrails");
  } catch (error) {
    return (tell(`${file} cannot be read: ${(error as Error).message}`), 1);
  }
  const { settings, mistakes } = inspectSettings(config, catalogue, defaultPack);
  if (settings === undefined || mistakes.length > 0)
    return (tell(`${file} has mistakes: npm run guardrails -- check --stack ${stack}`), 1);
  const home = region ?? config["aws:region"];
  if (home === undefined)
    return (tell(`${file} names no region: pulumi config set aws:region <region>, or --region`), 2);
  const place = covering({ stack, account, home, partition: partitionOf(home).id });
  const statements = boundaryStatements(settings.guardrails, place);
  if (statements.length === 0) return (tell("No enabled guardrail has a function, so there is no role."), 2);
  const text = JSON.stringify(policyDocument(statements));
  streams.stdout.write(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  if (text.length > mostCharacters)
    tell(
      `This has ${text.length} characters; IAM takes ${mostCharacters} in a managed policy: allow more at once.`,
    );
  return 0;
}
