import { expect } from "chai";
import type { AnyInspecting } from "../components/definition";
import type { GuardrailEvent } from "../runtime/events";
import { namedIn } from "../runtime/guardrail";
import type { Json, JsonObject } from "../runtime/json";
import { inspecting, settingsOf } from "./support/inspecting";
import { stageOf } from "./support/stages";
import { writtenEvents } from "./support/events/written";

/*
 * A resource is named by the members of a record that its guardrail declares, and by nothing else: whatever a caller may
 * write into a record (names, tags, descriptions, tokens, user agents …) would else be a way to have somebody else's
 * resource written to.
 */

/** Ids of things that no fixture knows, in every form in which a guardrail may know them. */
const foreign = "0deadbeefdeadbeef";
const ids = [
  ...["i", "vol", "eni", "sg", "sgr", "pl", "vpc", "subnet", "snap", "ami"].map(kind => `${kind}-${foreign}`),
  `decoy-${foreign}`,
  "decoy",
];
const arns = ids.flatMap(id => [
  `arn:aws:s3:::${id}`,
  `arn:aws:ec2:us-east-1:123456789012:instance/${id}`,
  `arn:aws:iam::123456789012:role/${id}`,
]);
const decoys = [...ids, ...arns, ids.join(" "), JSON.stringify({ instanceId: ids[0], groupId: ids[3] })];

const isDecoy = (arn: string): boolean => arn.includes(foreign) || arn.includes("decoy");

/** CloudTrail's wrappers of lists and of list entries: no part of a member's path. */
const wrappers = ["items", "item", "content"];

/** Members that say what kind of record it is, and where: the pipeline checks them before a guardrail looks. */
const framing = ["awsRegion", "eventName", "eventSource", "eventTime", "eventType", "errorCode"];

interface Leaf {
  /** Without wrappers and indices: as a definition declares it. */
  readonly path: string;
  put(event: GuardrailEvent, value: Json): void;
}

/** Every text and number of a record, at any depth. */
function leavesOf(value: Json, path: readonly string[] = []): Leaf[] {
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, member]) => leavesOf(member as Json, [...path, key]));
  if (typeof value !== "string" && typeof value !== "number") return [];
  const named = path.filter(part => !wrappers.includes(part) && !/^\d+$/.test(part)).join(".");
  return framing.includes(named)
    ? []
    : [{ path: named, put: (event, text) => put(event.detail, path, text) }];
}

function put(record: JsonObject, path: readonly string[], value: Json): void {
  const holder = path.slice(0, -1).reduce<JsonObject>((at, key) => at[key] as JsonObject, record);
  holder[path[path.length - 1]] = value;
}

/** What callers write freely, in the spellings of CloudTrail: into every object of both bodies that lacks it. */
const free = (text: string): JsonObject => ({
  ...{ name: text, Name: text, description: text, Description: text, groupName: text, GroupName: text },
  ...{ groupDescription: text, clientToken: text, ClientToken: text, keyName: text, launchGroup: text },
  ...{ userData: text, additionalInfo: text, availabilityZoneGroup: text, spotFleetRequestId: text },
  launchTemplate: { launchTemplateName: text, version: text },
  LaunchTemplateSpecification: { LaunchTemplateName: text },
  iamInstanceProfile: { name: text },
  tagSet: { items: [{ key: text, value: text }] },
  tags: [{ key: text, value: text }],
  tagSpecificationSet: { items: [{ resourceType: "instance", tags: [{ key: text, value: text }] }] },
  TagSpecification: { ResourceType: "instance", Tag: { Key: text, Value: text } },
});

function filled(value: Json, text: string): Json {
  if (Array.isArray(value)) return value.map(item => filled(item, text));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, filled(member as Json, text)]);
  return { ...free(text), ...(Object.fromEntries(members) as JsonObject) };
}

/** Calls that only take access away: without its bodies such a record hides nothing. */
const closing = ["RevokeSecurityGroupIngress"];

const arnsNamed = (definition: AnyInspecting, event: GuardrailEvent, settings: object): string[] =>
  namedIn(definition.resources(event, settings)).map(({ arn }) => arn);

for (const definition of inspecting)
  describe(`${definition.id} names resources by the members that it declares, and by nothing else`, () => {
    const events = Object.entries(writtenEvents(definition.id));
    const settings = settingsOf(definition, stageOf(definition.id).settings);
    const declaredFor = ({ detail }: GuardrailEvent): readonly string[] =>
      definition.members[String(detail.eventName)] ?? [];

    for (const [name, event] of events)
      it(`in ${name}`, () => {
        const planted = (changed: GuardrailEvent) => arnsNamed(definition, changed, settings).filter(isDecoy);
        const texts = leavesOf(event.detail).filter(({ path }) => !declaredFor(event).includes(path));

        for (const { path, put: plant } of texts)
          for (const decoy of decoys) {
            const changed = structuredClone(event);
            plant(changed, decoy);
            expect(planted(changed), `${path} = ${decoy}`).to.deep.equal([]);
          }
        for (const decoy of decoys) {
          const changed = structuredClone(event);
          for (const body of ["requestParameters", "responseElements", "additionalEventData"])
            changed.detail[body] = filled(event.detail[body] ?? null, decoy);
          expect(planted(changed), `free texts everywhere = ${decoy}`).to.deep.equal([]);
        }
      });

    it("and says that it cannot read a record whose bodies CloudTrail has omitted", () => {
      const omitted = { omitted: true, originalSize: 120_000, reason: "responseElements too large" };
      for (const [name, event] of events) {
        if (closing.includes(String(event.detail.eventName))) continue;
        if (namedIn(definition.resources(event, settings)).length === 0) continue;
        for (const bodies of [
          { requestParameters: omitted, responseElements: omitted },
          { requestParameters: null, responseElements: omitted },
          { requestParameters: omitted, responseElements: null },
        ]) {
          const changed = { ...event, detail: { ...event.detail, ...bodies, resources: [] } };
          expect(
            definition.resources(changed, settings),
            `${name}: ${JSON.stringify(bodies)}`,
          ).to.have.property("unreadable");
        }
      }
    });

    it("by each member that it declares, in some record", () => {
      const working = events.flatMap(([, event]) =>
        leavesOf(event.detail)
          .filter(({ path }) => declaredFor(event).includes(path))
          .filter(({ put: plant }) =>
            decoys.some(decoy => {
              const changed = structuredClone(event);
              plant(changed, decoy);
              return arnsNamed(definition, changed, settings).some(isDecoy);
            }),
          )
          .map(({ path }) => `${String(event.detail.eventName)}: ${path}`),
      );
      const declared = Object.entries(definition.members).flatMap(([name, paths]) =>
        paths.map(path => `${name}: ${path}`),
      );

      expect(
        declared.filter(member => !working.includes(member)),
        "no event of its tests shows that these name anything",
      ).to.deep.equal([]);
    });

    it("and declares members for every call that it hears", () => {
      const heard = definition.triggers.flatMap(trigger =>
        "pattern" in trigger ? (trigger.pattern.detail?.eventName ?? []) : [],
      );

      expect(Object.keys(definition.members).sort()).to.deep.equal([...new Set(heard)].sort());
    });
  });
