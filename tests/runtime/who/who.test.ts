import { assert } from "chai";
import {
  arnPatterns,
  callerOf,
  checkWho,
  isListed,
  listingCommand,
  type Listed,
} from "../../../runtime/who/who";

const account = "123456789012";
const admins: Listed = { permissionSet: "Admin.Ops", partition: "aws", account };
const role = (name: string, path = "aws-reserved/sso.amazonaws.com/eu-west-1/"): string =>
  `arn:aws:iam::${account}:role/${path}${name}`;
const reserved = "AWSReservedSSO_Admin.Ops_0123456789abcdef";
const karpenter = `arn:aws:iam::${account}:role/cluster/karpenter`;

describe("who is who: an entry of a list", () => {
  it("that is an ARN names exactly this role or user", () => {
    assert.isTrue(isListed(karpenter, karpenter));
    for (const other of [
      `${karpenter}2`,
      `arn:aws:iam::${account}:role/karpenter`,
      `arn:aws:iam::${account}:role/other/karpenter`,
      `arn:aws:iam::210987654321:role/cluster/karpenter`,
      `arn:aws-cn:iam::${account}:role/cluster/karpenter`,
      `arn:aws:iam::${account}:user/cluster/karpenter`,
      "autoscaling.amazonaws.com",
      "unknown",
    ])
      assert.isFalse(isListed(karpenter, other), other);
  });

  it("that is a permission set names its role, in every region's path and in none", () => {
    assert.isTrue(isListed(admins, role(reserved)));
    assert.isTrue(isListed(admins, role(reserved, "aws-reserved/sso.amazonaws.com/")));
    assert.isTrue(isListed(admins, role("AWSReservedSSO_Admin.Ops_fedcba9876543210")));
  });

  const others: [string, string][] = [
    ["a role without AWS's path", role(reserved, "")],
    ["a path that ends like AWS's", role(reserved, "x/aws-reserved/sso.amazonaws.com/eu-west-1/")],
    ["a path that begins like AWS's", role(reserved, "aws-reserved/sso.amazonaws.com.evil/")],
    ["a longer path", role(reserved, "aws-reserved/sso.amazonaws.com/eu-west-1/x/")],
    ["another account", role(reserved).replace(account, "210987654321")],
    ["another partition", role(reserved).replace("arn:aws:", "arn:aws-cn:")],
    ["15 digits", role(reserved.slice(0, -1))],
    ["17 digits", role(`${reserved}0`)],
    ["digits that are not hexadecimal", role("AWSReservedSSO_Admin.Ops_0123456789abcdeg")],
    ["a set whose name goes on", role("AWSReservedSSO_Admin.Ops_x_0123456789abcdef")],
    ["a set whose name goes on like a suffix", role(`${reserved}_0123456789abcdef`)],
    ["a dot that is another letter", role("AWSReservedSSO_AdminxOps_0123456789abcdef")],
    ["another case", role("AWSReservedSSO_admin.ops_0123456789abcdef")],
    ["a name before it", role(`x${reserved}`)],
    ["a user of that name", role(reserved).replace(":role/", ":user/")],
  ];
  for (const [what, arn] of others)
    it(`that is a permission set is not ${what}`, () => assert.isFalse(isListed(admins, arn)));

  it("is written for ArnLike so that it covers both paths, and one digit for each question mark", () => {
    assert.deepEqual(arnPatterns(karpenter), [karpenter]);
    assert.deepEqual(arnPatterns(admins), [
      role("AWSReservedSSO_Admin.Ops_????????????????", "aws-reserved/sso.amazonaws.com/"),
      role("AWSReservedSSO_Admin.Ops_????????????????", "aws-reserved/sso.amazonaws.com/*/"),
    ]);
  });
});

describe("who is who: a caller", () => {
  const who = { trusted: { accounts: [] }, controllers: [karpenter], expected: [karpenter, admins] };

  it("is a controller before it is expected, and otherwise anybody", () => {
    assert.equal(callerOf(who, { arn: karpenter }), "controller");
    assert.equal(callerOf(who, { arn: role(reserved) }), "expected");
    assert.equal(callerOf(who, { arn: role("developer", "") }), "other");
    assert.equal(callerOf(who, undefined), "other");
  });

  it("is added to a list by a command that goes on where the list ends", () => {
    const ci = role("deploy", "ci/");

    assert.equal(
      listingCommand("controllers", who, ci, account),
      `pulumi config set --path 'controllers[1]' ${ci}`,
    );
    assert.equal(
      listingCommand("expected", who, role(reserved), account),
      "pulumi config set --path 'expected[2].permissionSet' Admin.Ops",
    );
  });

  it("of another account's permission set is added by its ARN: a name alone means the stack's account", () => {
    const arn = role(reserved).replace(account, "210987654321");

    assert.equal(
      listingCommand("controllers", who, arn, account),
      `pulumi config set --path 'controllers[1]' ${arn}`,
    );
  });

  it("that no list can name is not offered, nor one whose path a shell would read", () => {
    for (const arn of [
      "autoscaling.amazonaws.com",
      "unknown",
      `arn:aws:iam::${account}:root`,
      role("x", "$(reboot)/"),
      role("x", "*/"),
    ])
      assert.isUndefined(listingCommand("controllers", who, arn, account), arn);
  });
});

describe("who is who in config.json", () => {
  const right = {
    trusted: { organization: "o-0123456789", accounts: [account] },
    controllers: [],
    expected: [admins],
  };

  it("is taken as it was written", () => assert.deepEqual(checkWho(right), right as never));

  const wrong: [string, unknown, RegExp][] = [
    ["nothing", undefined, /no who$/],
    ["nobody trusted", { ...right, trusted: undefined }, /no who\.trusted/],
    ["no list of controllers", { ...right, controllers: undefined }, /no list who\.controllers/],
    [
      "a wildcard",
      { ...right, controllers: [`arn:aws:iam::${account}:role/*`] },
      /role\/\*" in who\.controllers\[0\]/,
    ],
    ["a whole account", { ...right, expected: [`arn:aws:iam::${account}:root`] }, /who\.expected\[0\]/],
    [
      "a permission set of no account",
      { ...right, expected: [{ permissionSet: "x" }] },
      /who\.expected\[0\]/,
    ],
    [
      "an account of fewer digits",
      { ...right, trusted: { accounts: ["12"] } },
      /who\.trusted\.accounts\[0\]/,
    ],
    [
      "an organization that is no text",
      { ...right, trusted: { organization: 1, accounts: [] } },
      /organization 1/,
    ],
  ];
  for (const [what, given, message] of wrong)
    it(`is refused with ${what}`, () => assert.throws(() => checkWho(given), message));
});
