import { assert } from "chai";
import { principalInWords, serviceAccountOf } from "../../../runtime/aws/service-accounts";

describe("accounts of AWS's own services", () => {
  const known: [string, object][] = [
    ["arn:aws:iam::127311923021:root", { service: "Elastic Load Balancing", region: "us-east-1" }],
    ["127311923021", { service: "Elastic Load Balancing", region: "us-east-1" }],
    ["arn:aws-cn:iam::638102146993:root", { service: "Elastic Load Balancing", region: "cn-north-1" }],
    ["arn:aws-us-gov:iam::190560391635:root", { service: "Elastic Load Balancing", region: "us-gov-east-1" }],
    ["arn:aws:iam::053454850223:user/logs", { service: "Redshift", region: "eu-central-1" }],
    ["c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0", { service: "CloudFront" }],
  ];
  for (const [principal, service] of known)
    it(`are known by the principal that AWS has published: ${principal}`, () =>
      assert.deepEqual(serviceAccountOf(principal), service as never));

  const others: [string, string][] = [
    ["the whole of an account of which one user was published", "arn:aws:iam::193672423079:root"],
    ["such an account by its bare id", "193672423079"],
    ["a user of an account whose root was published", "arn:aws:iam::127311923021:user/logs"],
    ["a role of a service's account", "arn:aws:iam::127311923021:role/x"],
    ["a service's account number in another partition", "arn:aws-cn:iam::127311923021:root"],
    ["an account of nobody we know", "arn:aws:iam::210987654321:root"],
    ["everybody", "*"],
    ["a service principal", "delivery.logs.amazonaws.com"],
  ];
  for (const [what, principal] of others)
    it(`are not ${what}`, () => assert.isUndefined(serviceAccountOf(principal)));

  it("are named with the service, and others are left as they are", () => {
    assert.equal(
      principalInWords("arn:aws:iam::127311923021:root"),
      "arn:aws:iam::127311923021:root (Elastic Load Balancing in us-east-1)",
    );
    assert.equal(principalInWords("arn:aws:iam::210987654321:root"), "arn:aws:iam::210987654321:root");
  });
});
