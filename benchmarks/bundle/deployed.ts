// Before what bundles.
import { builds } from "./builds";
import type { AnyInspecting, Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { hasFunction } from "../../components/kinds";
import { type GuardrailEvent, isFailedCall, isOwnCall } from "../../runtime/events";
import { ownRoleArn } from "../../tests/support/fakes/container";
import { account, deploy, forgetBundles } from "../../tests/support/program";
import { writtenEvents } from "../../tests/support/events/written";
import { namedIn } from "../../runtime/guardrail";

/** One function as the program deploys it, and what to try it with. */
export interface DeployedFunction {
  readonly definition: AnyInspecting;
  /** The files of its archive, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** An event of its rules that makes it ask AWS something. */
  readonly acting: GuardrailEvent;
  /** The same, as if it came from another account: to be refused. */
  readonly forged: GuardrailEvent;
}

const config = {
  "aws-event-guardrails:recipients": ["secops@example.com"],
  "aws-event-guardrails:adminSecurityGroupId": "sg-0123456789abcdef0",
  "aws-event-guardrails:guardrails": Object.fromEntries(catalogue.map(({ id }) => [id, "notify"])),
};

/** Runs the program with every guardrail of the catalogue on: its functions, and how often it called esbuild. */
export async function deployAll(): Promise<{ functions: DeployedFunction[]; builds: number }> {
  forgetBundles();
  const before = builds();
  const stack = await deploy(config);
  const functions = stack.all("aws:lambda/function:Function").map(async ({ name, inputs }) => {
    const definition = (catalogue as readonly Definition[]).find(({ id }) => id === name);
    if (definition === undefined || !hasFunction(definition))
      throw new Error(`The function ${name} is of no guardrail`);
    const files = await textsOf(inputs.code);
    const acting = actingEvent(definition, JSON.parse(files["config.json"]));
    const forged = { ...acting, account: "210987654321" };
    return { definition, files, acting, forged };
  });
  return { functions: await Promise.all(functions), builds: builds() - before };
}

/** The texts of an archive, by file name. */
export async function textsOf(archive: unknown): Promise<Record<string, string>> {
  const { assets } = (await archive) as { assets: Promise<Record<string, { text?: Promise<string> }>> };
  const texts = Object.entries(await assets).flatMap(([name, { text }]) =>
    text === undefined ? [] : [text.then(value => [name, value] as const)],
  );
  return Object.fromEntries(await Promise.all(texts));
}

function actingEvent(
  definition: AnyInspecting,
  { settings }: { settings: Parameters<AnyInspecting["resources"]>[1] },
): GuardrailEvent {
  const found = Object.values(writtenEvents(definition.id)).find(
    event =>
      event.account === account &&
      !isFailedCall(event) &&
      !isOwnCall(event, ownRoleArn(definition.id)) &&
      namedIn(definition.resources(event, settings)).length > 0,
  );
  if (found === undefined)
    throw new Error(`No event in tests/guardrails/${definition.id}/events concerns anything`);
  return found;
}
