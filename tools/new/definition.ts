import type { Plan } from "./plan";

/** components/guardrails/<id>.ts */
export const definitionText = (plan: Plan): string =>
  plan.kind === "direct" ? directText(plan) : inspectingText(plan);

const words = ({ id, title, eventSource, eventName, source }: Plan): string => `
  id: "${id}",
  title: ${JSON.stringify(title)},
  why: "Write in one or two sentences what goes wrong without it",
  severity: "medium",
  triggers: [
    {
      scope: "regional",
      pattern: {
        source: ["${source}"],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: { eventSource: ["${eventSource}"], eventName: ["${eventName}"], ...succeeded },
      },
    },
  ],`;

const directText = (plan: Plan): string => `import { defineDirect, succeeded } from "../definition";

export const ${plan.name} = defineDirect({${words(plan)}
  notice: {
    paths: {
      call: "$.detail.eventName",
      account: "$.account",
      region: "$.region",
      time: "$.time",
      principal: "$.detail.userIdentity.arn",
      service: "$.detail.userIdentity.invokedBy",
      sourceIp: "$.detail.sourceIPAddress",
      event: "$.detail.eventID",
    },
    lines: [
      "Write what happened, with names from requestParameters and responseElements",
      "Where: account <account>, region <region>",
      "When: <time>",
      "Who: <principal> <service>",
      "From: <sourceIp>",
      "How: <call>, CloudTrail event <event>",
      "Write what was not changed, and what to do now",
    ],
  },
});
`;

function inspectingText(plan: Plan): string {
  const { id, name, sdk, client, service, kind } = plan;
  const key = service.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const todo = (member: string, what: string) =>
    `throw new Error("Write ${member} of components/guardrails/${id}.ts: ${what}");`;
  const isWriting = kind === "writing";
  return `import { ${client} } from "${sdk}";
import { z } from "zod";
import type { GuardrailEvent } from "../../runtime/events";
import type { Finding, Naming, OwnershipFacts, Page, ${isWriting ? "Remediation, " : ""}Resource } from "../../runtime/guardrail";
import { defineGuardrail, succeeded, type Permissions, type Scope } from "../definition";

type Hints = Record<string, never>;
/** What is read of one resource. */
type State = { id: string };
type Data = Record<string, never>;
type Clients = { ${key}: ${client} };

const settings = z.strictObject({});
type Settings = z.output<typeof settings>;

export const ${name} = defineGuardrail({${words(plan)}
  settings,
  needs: [],
  // Event name → the members of its record that name a resource, e.g. "requestParameters.snapshotId".
  members: {},
  permissions,
  clients: (region: string): Clients => ({ ${key}: new ${client}({ region }) }),
  resources,
  inspect,
  assess,
  ownership,
  ${
    isWriting
      ? "remediate,\n  notYet: [],\n  undo,"
      : `// It never writes: every finding of assess is for people alone.
  remediate: async () => undefined,
  notYet: [],
  undo: async () => undefined,`
  }
  inventory,
});

function permissions(_scope: Scope<Settings>): Permissions {
  ${todo("permissions", `the actions that inspect and ownership (read), ${isWriting ? "remediate (write), undo" : "nobody (write: [], undo: [])"} and inventory call`)}
}

function resources(_event: GuardrailEvent, _settings: Settings): Naming<Hints> {
  ${todo("resources", "what the event names, or why nothing: { elsewhere } or { unreadable }")}
}

async function inspect(
  _clients: Clients,
  _resources: readonly Resource<Hints>[],
  _settings: Settings,
): Promise<Record<string, State>> {
  ${todo("inspect", "the state of each resource by ARN, none of one that is gone")}
}

function assess(_state: State, _settings: Settings): Finding<Data> | undefined {
  ${todo("assess", isWriting ? "what is wrong with it, or undefined" : "what is wrong with it, with notifyOnly, or undefined")}
}

async function ownership(_clients: Clients, _resource: Resource<Hints>): Promise<OwnershipFacts> {
  ${todo("ownership", "the tags by which whoever runs it is recognised")}
}
${
  isWriting
    ? `
async function remediate(
  _clients: Clients,
  _work: readonly Remediation<Hints, State, Data>[],
): Promise<void> {
  ${todo("remediate", "the smallest change that ends the finding")}
}

async function undo(_clients: Clients, _resource: Resource<Hints>, _before: State): Promise<void> {
  ${todo("undo", "what was there before")}
}
`
    : ""
}
function inventory(_clients: Clients): AsyncIterable<Page<Hints, State>> {
  ${todo("inventory", "every such resource of the account and region, with its state, page by page")}
}
`;
}
