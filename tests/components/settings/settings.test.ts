import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { defineDirect, type Definition, type StackSetting } from "../../../components/definition";
import { readSettings } from "../../../components/settings";
import { stackKeys } from "../../../components/settings/keys";
import { readStackConfig } from "../../../components/settings/file/stack-config";

const uncalled = () => {
  throw new Error("settings only read the words, the knobs and the needs of a guardrail");
};

const inspecting = (id: string, settings: z.ZodObject, needs: readonly StackSetting[]): Definition => ({
  kind: "inspecting",
  id,
  title: id,
  why: "",
  severity: "low",
  triggers: [],
  settings,
  needs,
  notYet: [],
  members: {},
  permissions: uncalled,
  clients: uncalled,
  resources: uncalled,
  inspect: uncalled,
  assess: uncalled,
  ownership: uncalled,
  remediate: uncalled,
  undo: uncalled,
  inventory: uncalled,
});

const portsClosed = inspecting(
  "ports-closed",
  z.strictObject({
    ports: z.array(z.int().min(1).max(65535)).min(1).default([22, 3389]),
    allProtocols: z.enum(["notify", "remove"]).default("notify"),
    strict: z.boolean().default(false),
    ticket: z
      .string()
      .regex(/^[A-Z]+-\d+$/, "expected a ticket such as SEC-42")
      .optional(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
  [],
);
const launchGuard = inspecting("launch-guard", z.strictObject({}), ["adminSecurityGroupId"]);
const vpcSeen = defineDirect({
  id: "vpc-seen",
  title: "Tell",
  why: "",
  severity: "low",
  triggers: [],
  notice: { paths: {}, lines: [] },
});
const catalogue: Definition[] = [portsClosed, launchGuard, vpcSeen];

const group = "sg-0123456789abcdef0";
type Given = Record<string, unknown>;
const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const configOf = (given: Given): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ recipients: "secops@example.com", ...given })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [`aws-event-guardrails:${key}`, asText(value)]),
  );
const read = (given: Given) => readSettings(configOf(given), catalogue, ["ports-closed"]);
const enabled = (given: Given) =>
  Object.fromEntries(read(given).guardrails.map(({ definition, mode }) => [definition.id, mode]));
const knobs = (given: Given) => read({ guardrails: { "ports-closed": given } }).guardrails[0].settings;

function messageOf(given: Given): string {
  try {
    read(given);
  } catch (error) {
    expect(pulumi.RunError.isInstance(error), "an error that Pulumi prints without a stack trace").to.equal(
      true,
    );
    return (error as Error).message;
  }
  throw new Error(`expected ${JSON.stringify(given)} to be refused`);
}

/** The place and the problem, and the command, of a config with one mistake. */
function mistake(given: Given): { says: string; fix: string } {
  const [head, says, fix, ...rest] = messageOf(given).split("\n");
  expect(head, messageOf(given)).to.equal("one mistake in the stack config:");
  expect(rest).to.deep.equal([]);
  return { says: says.trim(), fix: fix.trim() };
}

describe("stack settings", () => {
  describe("recipients", () => {
    it("are a list or one comma-separated string", () => {
      const both = ["secops@example.com", "net.ops+aws@eu.example.com"];

      expect(read({ recipients: both }).recipients).to.deep.equal(both);
      expect(
        read({ recipients: " secops@example.com, net.ops+aws@eu.example.com," }).recipients,
      ).to.deep.equal(both);
    });

    it("cannot be missing or empty, because nobody would hear of anything", () => {
      for (const recipients of [undefined, "", " , ", [], {}, "[", "{}"]) {
        const { says, fix } = mistake({ recipients });
        expect(says).to.match(/^recipients: got .+, expected at least one e-mail address/);
        expect(fix).to.equal("pulumi config set recipients '<address>'");
      }
      expect(mistake({ recipients: { to: "secops@example.com" } }).fix).to.equal(
        "pulumi config set recipients secops@example.com",
      );
    });

    it("that are no addresses are named, and one command rewrites the list", () => {
      const message = messageOf({
        recipients: [
          "secops@example.com",
          "netops@example",
          "Ops <ops@example.com>",
          5,
          "SecOps@example.com",
        ],
      });

      expect(message.split("\n")).to.deep.equal([
        "4 mistakes in the stack config:",
        '  recipients[1]: got "netops@example", expected an e-mail address',
        '  recipients[2]: got "Ops <ops@example.com>", expected an e-mail address; did you mean "ops@example.com"?',
        "  recipients[3]: got 5, expected an e-mail address",
        '  recipients[4]: "SecOps@example.com" is there twice, expected it once',
        "      pulumi config set recipients 'secops@example.com,<address>,ops@example.com,<address>'",
      ]);
    });

    it("in a string are judged one by one as well", () => {
      expect(mistake({ recipients: "a@example.com,b@@example.com" })).to.deep.equal({
        says: 'recipients: got "b@@example.com", expected an e-mail address',
        fix: "pulumi config set recipients 'a@example.com,<address>'",
      });
      expect(mistake({ recipients: "a@example.com; b@example.com" }).fix).to.equal(
        "pulumi config set recipients a@example.com,b@example.com",
      );
      expect(mistake({ recipients: "a@example.com, Secops <a@example.com>." }).fix).to.equal(
        "pulumi config set recipients a@example.com",
      );
    });
  });

  describe("adminSecurityGroupId", () => {
    it("is an id, an id per VPC, or tags", () => {
      const byVpc = { "vpc-0123456789abcdef0": group, "vpc-01234567": "sg-01234567" };

      expect(read({ adminSecurityGroupId: group }).adminSecurityGroupId).to.equal(group);
      expect(read({ adminSecurityGroupId: byVpc }).adminSecurityGroupId).to.deep.equal(byVpc);
      expect(
        read({ adminSecurityGroupId: { tag: { Role: "admins", Tier: 1, On: true } } }).adminSecurityGroupId,
      ).to.deep.equal({ tag: { Role: "admins", Tier: "1", On: "true" } });
      expect(read({})).not.to.have.property("adminSecurityGroupId");
    });

    it("of another form is refused with what it can be", () => {
      for (const given of [
        "sg-123",
        "vpc-0123456789abcdef0",
        `${group}0`,
        "SG-01234567",
        "",
        [],
        {},
        [group],
        "{",
      ]) {
        const { says, fix } = mistake({ adminSecurityGroupId: given });
        expect(says).to.match(
          /^adminSecurityGroupId: got .+, expected a security group id \(sg- and 8 or 17/,
        );
        expect(fix).to.equal("pulumi config set adminSecurityGroupId 'sg-<id>'");
      }
    });

    it("per VPC names the VPC that is wrong, and the group that is wrong", () => {
      expect(mistake({ adminSecurityGroupId: { "vpc-1": group } })).to.deep.equal({
        says: 'adminSecurityGroupId.vpc-1: got "vpc-1", expected a VPC id (vpc- and 8 or 17 hexadecimal digits) or "tag"',
        fix: `pulumi config rm --path adminSecurityGroupId.vpc-1 && pulumi config set --path 'adminSecurityGroupId["vpc-<id>"]' ${group}`,
      });
      expect(mistake({ adminSecurityGroupId: { "vpc-01234567": "sg-1" } })).to.deep.equal({
        says: 'adminSecurityGroupId.vpc-01234567: got "sg-1", expected a security group id (sg- and 8 or 17 hexadecimal digits)',
        fix: "pulumi config set --path adminSecurityGroupId.vpc-01234567 'sg-<id>'",
      });
    });

    it("by tag refuses what is no map of tags, and AWS's Key and Value pair in particular", () => {
      expect(mistake({ adminSecurityGroupId: { tag: "admins" } }).says).to.equal(
        'adminSecurityGroupId.tag: got "admins", expected a map of tag keys to values',
      );
      expect(mistake({ adminSecurityGroupId: { tag: { Role: [] } } }).says).to.equal(
        "adminSecurityGroupId.tag.Role: got [], expected a text",
      );
      expect(mistake({ adminSecurityGroupId: { tag: { Role: "x" }, "vpc-01234567": group } }).fix).to.equal(
        "pulumi config rm --path adminSecurityGroupId.vpc-01234567",
      );
      expect(mistake({ adminSecurityGroupId: { tag: { Key: "Role", Value: "admins" } } })).to.deep.equal({
        says: 'adminSecurityGroupId.tag: got {"Key":"Role","Value":"admins"}, expected the tag\'s own key and value',
        fix: "pulumi config rm --path adminSecurityGroupId.tag && pulumi config set --path adminSecurityGroupId.tag.Role admins",
      });
    });

    it("is asked for by every enabled guardrail that needs it, and by no other", () => {
      expect(mistake({ guardrails: { "launch-guard": "enforce" } })).to.deep.equal({
        says: "adminSecurityGroupId: nothing is set, but launch-guard cannot work without it",
        fix: "pulumi config set adminSecurityGroupId 'sg-<id>'",
      });
      expect(enabled({ guardrails: { "launch-guard": "off" } })).to.deep.equal({ "ports-closed": "notify" });
      expect(messageOf({ guardrails: { "launch-guard": "aprove" } })).to.contain("2 mistakes");
      expect(messageOf({ guardrails: ["launch-guard"], adminSecurityGroupId: "sg-1" })).to.contain(
        "one mistake",
      );
    });

    it("reaches the settings of the guardrails that need it", () => {
      const { guardrails } = read({
        adminSecurityGroupId: group,
        guardrails: ["launch-guard", "ports-closed"],
      });

      expect(guardrails.map(({ settings }) => Object.keys(settings))).to.deep.equal([
        ["ports", "allProtocols", "strict", "labels"],
        ["adminSecurityGroupId"],
      ]);
    });
  });

  describe("permissionsBoundary", () => {
    it("is the ARN of an IAM policy", () => {
      const arn = "arn:aws-us-gov:iam::123456789012:policy/boundaries/dev";

      expect(read({ permissionsBoundary: arn }).permissionsBoundary).to.equal(arn);
      expect(mistake({ permissionsBoundary: "arn:aws:iam::123456789012:role/dev" })).to.deep.equal({
        says: 'permissionsBoundary: got "arn:aws:iam::123456789012:role/dev", expected the ARN of an IAM policy',
        fix: "pulumi config set permissionsBoundary 'arn:aws:iam::<account>:policy/<name>'",
      });
    });
  });

  describe("guardrails", () => {
    it("are the default pack in notify when nothing is said", () => {
      expect(enabled({})).to.deep.equal({ "ports-closed": "notify" });
      expect(enabled({ guardrails: {} })).to.deep.equal({ "ports-closed": "notify" });
    });

    it("given as a map are laid over the pack, in the catalogue's order", () => {
      const { guardrails } = read({
        guardrails: { "vpc-seen": "notify", "ports-closed": { mode: "enforce" } },
      });

      expect(guardrails).to.deep.equal([
        {
          definition: portsClosed,
          mode: "enforce",
          managed: "notify",
          sweep: "notify",
          budget: 50,
          settings: { ports: [22, 3389], allProtocols: "notify", strict: false, labels: {} },
          exemptions: [],
        },
        {
          definition: vpcSeen,
          mode: "notify",
          managed: "notify",
          sweep: "off",
          budget: 0,
          settings: {},
          exemptions: [],
        },
      ]);
    });

    it("given as a list are exactly these, in notify", () =>
      expect(enabled({ guardrails: ["vpc-seen"] })).to.deep.equal({ "vpc-seen": "notify" }));

    it("are disabled by off, also where it arrives as false", () => {
      for (const off of ["off", false, { mode: "off" }, { mode: false, ports: [22] }])
        expect(enabled({ guardrails: { "ports-closed": off } }), JSON.stringify(off)).to.deep.equal({});
    });

    it("are swept and told of unless the stack says otherwise, and off also arrives as false", () => {
      const sweepOf = (sweep?: unknown) =>
        read({ guardrails: { "ports-closed": { mode: "enforce", sweep } } }).guardrails[0].sweep;

      expect([undefined, "notify", "enforce", "off", false, "false"].map(sweepOf)).to.deep.equal([
        "notify",
        "notify",
        "enforce",
        "off",
        "off",
        "off",
      ]);
    });

    it("cannot write in a sweep in a mode that writes nothing", () => {
      for (const mode of ["observe", "notify", undefined])
        expect(mistake({ guardrails: { "ports-closed": { mode, sweep: "enforce" } } })).to.deep.equal({
          says: `guardrails.ports-closed.sweep: got "enforce", but the guardrail's mode is ${mode ?? "notify"}, in which nothing is written; expected notify or off`,
          fix: "pulumi config set --path guardrails.ports-closed.sweep notify",
        });
    });

    it("whose sweep is no word are named with what was meant", () => {
      expect(
        mistake({ guardrails: { "ports-closed": { mode: "enforce", sweep: "enforced" } } }),
      ).to.deep.equal({
        says: 'guardrails.ports-closed.sweep: got "enforced", expected notify, enforce or off; did you mean "enforce"?',
        fix: "pulumi config set --path guardrails.ports-closed.sweep enforce",
      });
      expect(mistake({ guardrails: { "ports-closed": { sweep: "daily" } } }).fix).to.equal(
        "pulumi config set --path guardrails.ports-closed.sweep notify",
      );
    });

    it("may act on managed resources only when told so", () => {
      const managedOf = (managed?: string) =>
        read({ guardrails: { "ports-closed": { managed } } }).guardrails[0].managed;

      expect([managedOf(), managedOf("notify"), managedOf("act")]).to.deep.equal(["notify", "notify", "act"]);
      expect(mistake({ guardrails: { "ports-closed": { managed: true } } }).fix).to.equal(
        "pulumi config set --path guardrails.ports-closed.managed notify",
      );
    });

    it("have the budget that the stack gives, else the definition's own, else 50", () => {
      const budgetOf = (given: Given, definition: Definition = portsClosed) =>
        readSettings(configOf({ guardrails: { "ports-closed": given } }), [definition], []).guardrails[0]
          .budget;

      expect(budgetOf({})).to.equal(50);
      expect(budgetOf({}, { ...portsClosed, budget: 1000 } as Definition)).to.equal(1000);
      expect(budgetOf({ budget: 5 }, { ...portsClosed, budget: 1000 } as Definition)).to.equal(5);
      expect([budgetOf({ budget: 1 }), budgetOf({ budget: "10000" })]).to.deep.equal([1, 10_000]);
    });

    it("refuse a budget that is no whole number from 1 to 10000", () => {
      for (const budget of [0, -1, 1.5, 10_001, "many", "05", true, [5], null])
        expect(mistake({ guardrails: { "ports-closed": { budget } } }), JSON.stringify(budget)).to.deep.equal(
          {
            says: `guardrails.ports-closed.budget: got ${budget === null ? "nothing" : JSON.stringify(budget)}, expected a whole number of resources an hour, 1 to 10000`,
            fix: "pulumi config set --path guardrails.ports-closed.budget 50",
          },
        );
    });

    it("without a function have no budget to set", () =>
      expect(mistake({ guardrails: { "vpc-seen": { mode: "notify", budget: 5 } } }).says).to.contain(
        "guardrails.vpc-seen.budget: not a setting",
      ));

    it("that the catalogue does not have are named with what was meant", () => {
      expect(mistake({ guardrails: { "port-closed": "enforce" } })).to.deep.equal({
        says: 'guardrails.port-closed: "port-closed" is not in the catalogue; did you mean "ports-closed"?',
        fix: "pulumi config rm --path guardrails.port-closed && pulumi config set --path guardrails.ports-closed enforce",
      });
      expect(mistake({ guardrails: { "lauch-guard": { mode: "off", ports: [1, 2] } } }).fix).to.equal(
        "pulumi config rm --path guardrails.lauch-guard && pulumi config set-all --path " +
          "--plaintext guardrails.launch-guard.mode=off " +
          "--plaintext 'guardrails.launch-guard.ports[0]=1' --plaintext 'guardrails.launch-guard.ports[1]=2'",
      );
      expect(mistake({ guardrails: { ports: "notify" } }).says).to.contain('did you mean "ports-closed"?');
      expect(mistake({ guardrails: { "rds-public": "notify" } })).to.deep.equal({
        says: 'guardrails.rds-public: "rds-public" is not in the catalogue; there are ports-closed, launch-guard, vpc-seen',
        fix: "pulumi config rm --path guardrails.rds-public",
      });
      expect(mistake({ guardrails: { "port-closed": "off", "ports-closed": "notify" } }).fix).to.equal(
        "pulumi config rm --path guardrails.port-closed",
      );
    });

    it("in a list that is wrong are rewritten by one command", () => {
      const message = messageOf({
        guardrails: ["vpc-seen", "vpc-sen", "rds-public", "vpc-seen", "port-closed"],
      });

      expect(message.split("\n")).to.deep.equal([
        "4 mistakes in the stack config:",
        '  guardrails[3]: "vpc-seen" is there twice, expected it once',
        '  guardrails[1]: "vpc-sen" is not in the catalogue; did you mean "vpc-seen"?',
        '  guardrails[2]: "rds-public" is not in the catalogue; there are ports-closed, launch-guard, vpc-seen',
        '  guardrails[4]: "port-closed" is not in the catalogue; did you mean "ports-closed"?',
        "      pulumi config rm guardrails && pulumi config set-all --path --plaintext 'guardrails[0]=vpc-seen' --plaintext 'guardrails[1]=ports-closed'",
      ]);
    });

    it("with modes in a list become a map", () =>
      expect(mistake({ guardrails: [{ "ports-closed": "enforce" }, "vpc-seen"] })).to.deep.equal({
        says: 'guardrails[0]: got {"ports-closed":"enforce"}, expected the id of a guardrail; a mode or settings need a map, not a list',
        fix: "pulumi config rm guardrails && pulumi config set-all --path --plaintext guardrails.ports-closed=enforce --plaintext guardrails.vpc-seen=notify",
      }));

    it("of another type, empty or unparsable are refused", () => {
      for (const guardrails of ["", [], "5", "true", '{ "ports-closed": ', "[ports-closed"]) {
        const { says } = mistake({ guardrails });
        expect(says).to.match(/^guardrails: got .+, expected a map of guardrail to mode, or a list/);
      }
      expect(mistake({ guardrails: "vpc-seen" }).fix).to.equal(
        "pulumi config rm guardrails && pulumi config set --path guardrails.vpc-seen notify",
      );
    });

    it("named by the pack and not in the catalogue are a mistake of the program", () =>
      expect(() => readSettings(configOf({}), catalogue, ["rds-public"])).to.throw(
        "the default pack names rds-public",
      ));
  });

  describe("a mode", () => {
    it("that does not exist is named with what was meant", () => {
      expect(mistake({ guardrails: { "ports-closed": "enforced" } })).to.deep.equal({
        says: 'guardrails.ports-closed: got "enforced", expected observe, notify, enforce or off; did you mean "enforce"?',
        fix: "pulumi config set --path guardrails.ports-closed enforce",
      });
      expect(mistake({ guardrails: { "ports-closed": { mode: "Notify", ports: [22] } } })).to.deep.equal({
        says: 'guardrails.ports-closed.mode: got "Notify", expected observe, notify, enforce or off; did you mean "notify"?',
        fix: "pulumi config set --path guardrails.ports-closed.mode notify",
      });
      for (const mode of [true, "on", 1, null, ["enforce"]])
        expect(mistake({ guardrails: { "ports-closed": mode } }).fix, String(mode)).to.equal(
          "pulumi config set --path guardrails.ports-closed notify",
        );
    });

    it("that is not there yet says so", () =>
      expect(mistake({ guardrails: { "ports-closed": "approve" } }).says).to.equal(
        'guardrails.ports-closed: got "approve", which this version does not have yet; expected observe, notify, enforce or off',
      ));

    it("of a notice is only notify, and the reason is given", () => {
      for (const mode of ["enforce", "observe"])
        expect(mistake({ guardrails: { "vpc-seen": mode } })).to.deep.equal({
          says:
            `guardrails.vpc-seen: got "${mode}", but vpc-seen can only notify: its rule hands the event straight to the ` +
            "topic, and no function runs that could look at the account or change it",
          fix: "pulumi config set --path guardrails.vpc-seen notify",
        });
      expect(mistake({ guardrails: { "vpc-seen": { mode: "notify", managed: "act" } } })).to.deep.equal({
        says: "guardrails.vpc-seen.managed: not a setting: vpc-seen only passes its event on, and has none",
        fix: "pulumi config rm --path guardrails.vpc-seen.managed",
      });
    });
  });

  describe("a guardrail's own settings", () => {
    const knob = (given: Given) => mistake({ guardrails: { "ports-closed": given } });

    it("mean the same however they were quoted or set", () =>
      expect(knobs({ ports: ["22", 443], strict: "on", labels: { team: 7, paged: true } })).to.deep.include({
        ports: [22, 443],
        strict: true,
        labels: { team: "7", paged: "true" },
      }));

    it("of an unknown name are named with what was meant", () => {
      expect(knob({ prots: [2222] })).to.deep.equal({
        says: 'guardrails.ports-closed.prots: not a setting; did you mean "ports"?',
        fix: "pulumi config rm --path guardrails.ports-closed.prots && pulumi config set --path 'guardrails.ports-closed.ports[0]' 2222",
      });
      expect(knob({ moed: "enforce" }).fix).to.contain("set --path guardrails.ports-closed.mode enforce");
      expect(knob({ moed: "enforce", mode: "notify" }).fix).to.equal(
        "pulumi config rm --path guardrails.ports-closed.moed",
      );
      expect(knob({ colour: "red" })).to.deep.equal({
        says: "guardrails.ports-closed.colour: not a setting; there are ports, allProtocols, strict, ticket, labels, mode, managed, sweep, budget",
        fix: "pulumi config rm --path guardrails.ports-closed.colour",
      });
    });

    const cases: [title: string, given: Given, says: string, fix: string][] = [
      [
        "a text for a number",
        { ports: ["ssh"] },
        'ports[0]: got "ssh", expected a number',
        "set --path 'guardrails.ports-closed.ports[0]' '<number>'",
      ],
      [
        "a number with leading zeros in quotes",
        { ports: ["022"] },
        'ports[0]: got "022", expected a number',
        "set --path 'guardrails.ports-closed.ports[0]' '<number>'",
      ],
      [
        "a fraction",
        { ports: [22.5] },
        "ports[0]: got 22.5, expected a whole number",
        "set --path 'guardrails.ports-closed.ports[0]' '<whole number>'",
      ],
      [
        "too large a number",
        { ports: [22, 70000] },
        "ports[1]: got 70000, expected at most 65535",
        "set --path 'guardrails.ports-closed.ports[1]' '<number>'",
      ],
      [
        "too small a number",
        { ports: [0] },
        "ports[0]: got 0, expected at least 1",
        "set --path 'guardrails.ports-closed.ports[0]' '<number>'",
      ],
      [
        "an empty list",
        { ports: [] },
        "ports: got [], expected at least 1 entry",
        "rm --path guardrails.ports-closed.ports",
      ],
      [
        "one value for a list",
        { ports: "22, 3389" },
        'ports: got "22, 3389", expected a list',
        "rm --path guardrails.ports-closed.ports && pulumi config set-all --path --plaintext 'guardrails.ports-closed.ports[0]=22' --plaintext 'guardrails.ports-closed.ports[1]=3389'",
      ],
      [
        "a list for a map",
        { labels: ["a"] },
        'labels: got ["a"], expected a map',
        "rm --path guardrails.ports-closed.labels",
      ],
      [
        "a word that is no choice",
        { allProtocols: "delete" },
        'allProtocols: got "delete", expected notify or remove',
        "set --path guardrails.ports-closed.allProtocols '<notify|remove>'",
      ],
      [
        "a misspelt choice",
        { allProtocols: "remve" },
        'allProtocols: got "remve", expected notify or remove; did you mean "remove"?',
        "set --path guardrails.ports-closed.allProtocols remove",
      ],
      [
        "a number for a boolean",
        { strict: 1 },
        "strict: got 1, expected true or false",
        "set --path guardrails.ports-closed.strict '<true or false>'",
      ],
      [
        "a text of another form, in the words of the guardrail",
        { ticket: "later" },
        'ticket: got "later", expected a ticket such as SEC-42',
        "set --path guardrails.ports-closed.ticket '<value>'",
      ],
      [
        "nothing",
        { strict: null },
        "strict: got nothing, expected true or false",
        "set --path guardrails.ports-closed.strict '<true or false>'",
      ],
    ];
    for (const [title, given, says, fix] of cases)
      it(`refuse ${title}`, () =>
        expect(knob(given)).to.deep.equal({
          says: `guardrails.ports-closed.${says}`,
          fix: `pulumi config ${fix}`,
        }));

    it("are checked while the guardrail is off, so that switching it on brings no surprise", () =>
      expect(knob({ mode: "off", ports: [0] }).says).to.contain("ports[0]: got 0"));
  });

  it("of unknown names are named with what was meant, and read under the name that was meant", () => {
    expect(mistake({ recipients: undefined, recipeints: ["a@example.com", "b@example.com"] })).to.deep.equal({
      says: 'recipeints: not a setting; did you mean "recipients"?',
      fix: "pulumi config rm recipeints && pulumi config set-all --path --plaintext 'recipients[0]=a@example.com' --plaintext 'recipients[1]=b@example.com'",
    });
    expect(mistake({ guardrail: { "vpc-seen": "notify" } }).fix).to.equal(
      "pulumi config rm guardrail && pulumi config set --path guardrails.vpc-seen notify",
    );
    expect(mistake({ colour: "red" })).to.deep.equal({
      says: `colour: not a setting; there are ${stackKeys.map(({ key }) => key).join(", ")}`,
      fix: "pulumi config rm colour",
    });
  });

  it("report everything that is wrong in one error", () => {
    const message = messageOf({
      recipients: "secops",
      adminSecurityGroupId: "sg-1",
      colour: "red",
      permissionsBoundary: "x",
      operators: ["secops"],
      exemptions: [{}],
      guardrails: {
        "ports-closed": { mode: "x", ports: [0], prots: 1 },
        "vpc-seen": "enforce",
        nothing: "y",
      },
    });

    const places = message.split("\n").flatMap(line => /^ {2}(\S+): /.exec(line)?.[1] ?? []);
    expect(places).to.have.members([
      "colour",
      "recipients",
      "adminSecurityGroupId",
      "permissionsBoundary",
      "operators[0]",
      ...["guardrail", "resource", "reason", "owner", "expires"].map(key => `exemptions[0].${key}`),
      "guardrails.nothing",
      "guardrails.ports-closed.mode",
      "guardrails.ports-closed.ports[0]",
      "guardrails.ports-closed.prots",
      "guardrails.vpc-seen",
    ]);
    expect(message).to.match(/^15 mistakes/);
  });

  it("leave other namespaces alone, and follow a project of another name", () => {
    const config = {
      "aws:region": "us-east-1",
      "acme:recipients": "a@example.com",
      "aws-event-guardrails:x": "y",
    };

    expect(readSettings(config, catalogue, [], { project: "acme" }).recipients).to.deep.equal([
      "a@example.com",
    ]);
  });

  it("make the ledger's table, or adopt it, and nothing else", () => {
    expect(
      [read({}), read({ ledger: "create" }), read({ ledger: "adopt" })].map(({ ledger }) => ledger),
    ).to.deep.equal(["create", "create", "adopt"]);
    expect(mistake({ ledger: "adpot" })).to.deep.equal({
      says: 'ledger: got "adpot", expected create or adopt; did you mean "adopt"?',
      fix: "pulumi config set ledger adopt",
    });
    expect(mistake({ ledger: true }).fix).to.equal("pulumi config set ledger create");
  });

  it("have metrics of the stack and no dashboard unless it is asked for", () => {
    expect(read({})).to.deep.include({ metrics: "stack", dashboard: false });
    expect(read({ metrics: "guardrail", dashboard: true })).to.deep.include({
      metrics: "guardrail",
      dashboard: true,
    });
    expect(mistake({ metrics: "guardrails" })).to.deep.equal({
      says: 'metrics: got "guardrails", expected stack or guardrail; did you mean "guardrail"?',
      fix: "pulumi config set metrics guardrail",
    });
    expect(mistake({ dashboard: "off" })).to.deep.equal({
      says: 'dashboard: got "off", expected true or false',
      fix: "pulumi config set dashboard false",
    });
    expect(mistake({ dashboard: "yes" }).fix).to.equal("pulumi config set dashboard true");
  });

  it("quote for the shell whatever a value holds", () => {
    const { fix } = mistake({ recipients: "it's;b@example.com" });
    expect(fix).to.equal("pulumi config set recipients b@example.com");
    expect(mistake({ guardrails: { "a.b'c": "x" } }).fix).to.equal(
      `pulumi config rm --path 'guardrails["a.b'\\''c"]'`,
    );
  });

  it("are the keys of the documentation's table", () => {
    const withoutDefault = {
      adminSecurityGroupId: group,
      permissionsBoundary: "arn:aws:iam::aws:policy/X",
      deployers: [{ role: "/ci/deploy" }],
      ...Object.fromEntries(["operators", "controllers", "expected"].map(key => [key, []])),
    };

    expect(Object.keys(read(withoutDefault))).to.have.members([
      ...stackKeys.map(({ key }) => key),
      "warnings",
    ]);
  });

  it("come through Pulumi's own config from a stack file", () => {
    after(() => pulumi.runtime.setAllConfig({}));
    const yaml = `
config:
  recipients: [secops@example.com]
  aws-event-guardrails:guardrails:
    ports-closed: { mode: enforce, ports: [22, "3389"], strict: off, ticket: SEC-42 }
    vpc-seen: off
`;
    pulumi.runtime.setAllConfig(readStackConfig(yaml, "aws-event-guardrails"));

    const { guardrails } = readSettings(pulumi.runtime.allConfig(), catalogue, ["ports-closed"]);

    expect(guardrails).to.have.length(1);
    expect(guardrails[0]).to.deep.include({ mode: "enforce" });
    expect(guardrails[0].settings).to.deep.include({ ports: [22, 3389], strict: false, ticket: "SEC-42" });
  });
});
