import { expect } from "chai";
import { readSettings } from "../../../components/settings";
import { listedIn } from "../../../components/settings/people";
import { readStackConfig } from "../../../components/settings/file/stack-config";

type Given = Record<string, unknown>;
const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const read = (given: Given) =>
  readSettings(
    Object.fromEntries(
      Object.entries({ recipients: "secops@example.com", ...given }).map(([key, value]) => [
        `aws-event-guardrails:${key}`,
        asText(value),
      ]),
    ),
    [],
    [],
  );

/** The lines of what a config with mistakes says, without the count. */
function mistakesOf(given: Given): string[] {
  try {
    read(given);
  } catch (error) {
    const [head, ...lines] = (error as Error).message.split("\n");
    expect(head).to.match(/mistakes? in the stack config:$/);
    return lines.map(line => line.trim());
  }
  throw new Error(`expected ${JSON.stringify(given)} to be refused`);
}

const account = "123456789012";
const secops = `arn:aws:iam::${account}:role/teams/secops`;
const ofSet = (path = "eu-west-1/", digits = "0123456789abcdef") =>
  `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/${path}AWSReservedSSO_Admin_${digits}`;
const forms = "the exact ARN of a role or user, { permissionSet: Name } or { role: /path/name }";
const someArn = "'arn:aws:iam::<account>:role/<path and name>'";

describe("the lists of people", () => {
  it("take exact ARNs, permission sets, and roles by path and name", () => {
    const entries = [
      secops,
      "arn:aws-us-gov:iam::210987654321:user/ada.l@x",
      { permissionSet: "Admin.Ops-1" },
      { role: "/ci/deploy" },
      { role: "/deploy" },
    ];

    const settings = read({
      operators: entries,
      deployers: entries,
      controllers: entries,
      expected: entries,
    });
    for (const key of ["operators", "deployers", "controllers", "expected"] as const)
      expect(settings[key], key).to.deep.equal(entries);
  });

  it("that are empty are an answer, and another one than none at all", () => {
    expect(read({ controllers: [] }).controllers).to.deep.equal([]);
    expect(read({ controllers: "[]" }).controllers, "by pulumi config set controllers '[]'").to.deep.equal(
      [],
    );
    expect(read({})).not.to.have.any.keys("controllers", "operators", "deployers", "expected");
  });

  it("that are meant to be empty are so as a list, in whatever word that is said", () => {
    for (const nobody of ["none", "Nobody", "", {}, "false"])
      expect(mistakesOf({ controllers: nobody }), JSON.stringify(nobody)).to.deep.equal([
        `controllers: got ${nobody === "" ? "nothing" : JSON.stringify(nobody)}, expected a list; an empty one says that there is nobody`,
        "pulumi config set controllers '[]'",
      ]);
    expect(mistakesOf({ controller: [] })).to.deep.equal([
      'controller: not a setting; did you mean "controllers"?',
      "pulumi config rm controller && pulumi config set controllers '[]'",
    ]);
  });

  it("of deployers cannot be empty, or nobody could deploy the stack again", () =>
    expect(mistakesOf({ deployers: [] })).to.deep.equal([
      "deployers: got an empty list, expected at least one entry, or nobody could deploy the stack again",
      `pulumi config set --path 'deployers[0]' ${someArn}`,
    ]));

  it("are read from a stack file as people write it", () => {
    const yaml = `
config:
  recipients: secops@example.com
  operators:
    - permissionSet: SecOps
    - ${secops}
  controllers: []
`;
    const settings = readSettings(readStackConfig(yaml, "aws-event-guardrails"), [], []);

    expect(settings.operators).to.deep.equal([{ permissionSet: "SecOps" }, secops]);
    expect(settings.controllers).to.deep.equal([]);
  });

  it("mean the stack's own account where an entry names none", () => {
    const where = { partition: "aws-cn", account: "210987654321" };

    expect(listedIn(secops, where)).to.equal(secops);
    expect(listedIn({ role: "/ci/deploy" }, where)).to.equal("arn:aws-cn:iam::210987654321:role/ci/deploy");
    expect(listedIn({ permissionSet: "Admin" }, where)).to.deep.equal({ permissionSet: "Admin", ...where });
  });

  it("take a permission set whose name is digits, which Pulumi stores as a number", () =>
    expect(read({ operators: [{ permissionSet: 42 }] }).operators).to.deep.equal([{ permissionSet: "42" }]));

  const refused: [given: unknown, says: string, fix: string][] = [
    [
      `arn:aws:iam::${account}:role/*`,
      `, expected ${forms}, without wildcards`,
      `pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      `arn:aws:iam::${account}:root`,
      `, expected ${forms}, not a whole account`,
      `pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      account,
      `, expected ${forms}, not a whole account`,
      `pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      `arn:aws:sts::${account}:assumed-role/Ops/ada`,
      `, expected ${forms}, not a session; \`aws iam get-role --role-name Ops --query Role.Arn\` prints its role's ARN with the path`,
      `pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      `arn:aws:iam::${account}:group/ops`,
      `, expected ${forms}`,
      `pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      "jenkins@example.com",
      `, expected ${forms}, not an e-mail address`,
      `pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    ["secops", `, expected ${forms}`, `pulumi config set --path 'operators[0]' ${someArn}`],
    [
      "/ci/deploy",
      `, expected ${forms}; did you mean { role: /ci/deploy }?`,
      "pulumi config rm operators && pulumi config set --path 'operators[0].role' /ci/deploy",
    ],
    [
      "permissionSet: Admin",
      `, expected ${forms}; did you mean { permissionSet: Admin }?`,
      "pulumi config rm operators && pulumi config set --path 'operators[0].permissionSet' Admin",
    ],
    [
      `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ada@example.com`,
      `, expected ${forms}; did you mean { permissionSet: Admin }?`,
      "pulumi config rm operators && pulumi config set --path 'operators[0].permissionSet' Admin",
    ],
    [
      ofSet("*/", "*"),
      `, expected ${forms}; did you mean { permissionSet: Admin }?`,
      "pulumi config rm operators && pulumi config set --path 'operators[0].permissionSet' Admin",
    ],
    [
      null,
      `, expected ${forms}`,
      `pulumi config rm operators && pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      { permissionSet: "AWSReservedSSO_Admin_0123456789abcdef" },
      ", expected the name of the permission set, not of the role made of it; did you mean { permissionSet: Admin }?",
      "pulumi config rm operators && pulumi config set --path 'operators[0].permissionSet' Admin",
    ],
    [
      { permissionSet: "arn:aws:sso:::permissionSet/ssoins-0/ps-1" },
      ", expected the name of a permission set, not its ARN",
      `pulumi config rm operators && pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      { permissionSet: "Admin*" },
      ", expected the name of a permission set, without wildcards",
      `pulumi config rm operators && pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      { permissionset: "Admin" },
      `, expected ${forms}; did you mean { permissionSet: Admin }?`,
      "pulumi config rm operators && pulumi config set --path 'operators[0].permissionSet' Admin",
    ],
    [
      { role: "deploy" },
      ", expected a role's path and name, such as /ci/deploy or /deploy; did you mean { role: /deploy }?",
      "pulumi config rm operators && pulumi config set --path 'operators[0].role' /deploy",
    ],
    [
      { role: secops },
      `, expected a path and name; an ARN stands alone; did you mean "${secops}"?`,
      `pulumi config rm operators && pulumi config set --path 'operators[0]' ${secops}`,
    ],
    [
      { role: "/ci/*" },
      ", expected a role's path and name, such as /ci/deploy or /deploy, without wildcards",
      `pulumi config rm operators && pulumi config set --path 'operators[0]' ${someArn}`,
    ],
    [
      { role: "/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef" },
      ", expected no role of a permission set, whose name changes when it is assigned anew; did you mean { permissionSet: Admin }?",
      "pulumi config rm operators && pulumi config set --path 'operators[0].permissionSet' Admin",
    ],
    [
      { arn: secops },
      `, expected the ARN alone; did you mean "${secops}"?`,
      `pulumi config rm operators && pulumi config set --path 'operators[0]' ${secops}`,
    ],
    [
      { permissionSet: "Admin", role: "/x" },
      ", expected one of the two: { permissionSet: Name } or { role: /path/name }",
      `pulumi config rm operators && pulumi config set --path 'operators[0]' ${someArn}`,
    ],
  ];
  for (const [given, says, fix] of refused)
    it(`refuse ${JSON.stringify(given)} and say what would be right`, () => {
      const [problem, command, ...rest] = mistakesOf({ operators: [given] });

      expect(problem).to.match(/^operators\[0\]: got .+, expected /);
      expect(problem.slice(problem.indexOf(", expected"))).to.equal(says);
      expect(command).to.equal(fix);
      expect(rest).to.deep.equal([]);
    });

  it("are lists, also of one", () => {
    for (const [given, entry] of [
      [secops, `'controllers[0]' ${secops}`],
      [{ permissionSet: "Admin" }, "'controllers[0].permissionSet' Admin"],
      ["karpenter", `'controllers[0]' ${someArn}`],
    ] as const) {
      const [problem, fix] = mistakesOf({ controllers: given });
      expect(problem).to.match(/^controllers: got .+, expected a list; an entry is the exact ARN/);
      expect(fix).to.equal(`pulumi config rm controllers && pulumi config set --path ${entry}`);
    }
  });

  it("name each once, and one command rewrites a list where text becomes a map", () => {
    expect(mistakesOf({ expected: [secops, secops] })).to.deep.equal([
      `expected[1]: "${secops}" is there twice, expected it once`,
      `pulumi config rm expected && pulumi config set --path 'expected[0]' ${secops}`,
    ]);
    expect(mistakesOf({ expected: [secops, "/ci/deploy", "x", { permissionSet: "A" }] })).to.deep.equal([
      `expected[1]: got "/ci/deploy", expected ${forms}; did you mean { role: /ci/deploy }?`,
      `expected[2]: got "x", expected ${forms}`,
      `pulumi config rm expected && pulumi config set-all --path --plaintext 'expected[0]=${secops}' --plaintext 'expected[1].role=/ci/deploy' --plaintext 'expected[2]=arn:aws:iam::<account>:role/<path and name>' --plaintext 'expected[3].permissionSet=A'`,
    ]);
  });
});

describe("whom a stack trusts", () => {
  it("is nobody but its own account unless it says so", () =>
    expect(read({}).trusted).to.deep.equal({ accounts: [] }));

  it("is an organization, accounts, or both", () => {
    const both = { organization: "o-a1b2c3d4e5", accounts: ["210987654321", "012345678901"] };

    expect(read({ trusted: both }).trusted).to.deep.equal(both);
    expect(read({ trusted: { organization: "o-a1b2c3d4e5" } }).trusted).to.deep.equal({
      organization: "o-a1b2c3d4e5",
      accounts: [],
    });
    expect(read({ trusted: { accounts: [210987654321] } }).trusted.accounts).to.deep.equal(["210987654321"]);
  });

  const refused: [given: unknown, says: RegExp, fix: string][] = [
    [
      "o-a1b2c3d4e5",
      /^trusted: got "o-a1b2c3d4e5", expected \{ organization: o-…/,
      "pulumi config rm trusted && pulumi config set --path trusted.organization o-a1b2c3d4e5",
    ],
    [
      ["210987654321"],
      /^trusted: got \["210987654321"\], expected/,
      "pulumi config rm trusted && pulumi config set --path 'trusted.accounts[0]' 210987654321",
    ],
    [
      { organisation: "o-a1b2c3d4e5" },
      /^trusted\.organisation: not a setting; did you mean "organization"\?/,
      "pulumi config rm --path trusted.organisation && pulumi config set --path trusted.organization o-a1b2c3d4e5",
    ],
    [
      { organization: "ou-ab12-11111111" },
      /expected the id of an organization .+, not of a unit or root in it/,
      "pulumi config set --path trusted.organization 'o-<id>'",
    ],
    [
      { organization: "arn:aws:organizations::123456789012:organization/o-a1b2c3d4e5" },
      /did you mean "o-a1b2c3d4e5"/,
      "pulumi config set --path trusted.organization o-a1b2c3d4e5",
    ],
    [
      { accounts: "210987654321, 111122223333" },
      /^trusted\.accounts: got .+, expected a list of account numbers/,
      "pulumi config rm --path trusted.accounts && pulumi config set-all --path --plaintext 'trusted.accounts[0]=210987654321' --plaintext 'trusted.accounts[1]=111122223333'",
    ],
    [
      { accounts: ["2109-8765-4321"] },
      /^trusted\.accounts\[0\]: got "2109-8765-4321", expected 12 digits in quotes/,
      "pulumi config set --path 'trusted.accounts[0]' 210987654321",
    ],
    [
      { accounts: ["210987654321", "210987654321"] },
      /^trusted\.accounts\[1\]: "210987654321" is there twice/,
      "pulumi config rm --path 'trusted.accounts[1]'",
    ],
    [
      { accounts: [1042391] },
      /YAML makes this number of 000003764727 too|12 digits in quotes/,
      "pulumi config set --path 'trusted.accounts[0]' '<account>'",
    ],
  ];
  for (const [given, says, fix] of refused)
    it(`cannot be ${JSON.stringify(given)}`, () => {
      const [problem, command, ...rest] = mistakesOf({ trusted: given });

      expect(problem).to.match(says);
      expect(command).to.equal(fix);
      expect(rest).to.deep.equal([]);
    });
});
