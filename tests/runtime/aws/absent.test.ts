import { assert } from "chai";
import { unlessAbsent } from "../../../runtime/aws/absent";
import { awsError } from "../../support/fakes/client";

describe("a read of something that may be absent", () => {
  it("gives the answer that AWS gives", async () => {
    assert.equal(await unlessAbsent({ NoSuchTagSet: "none" }, async () => "tags"), "tags");
  });

  it("gives the listed value for the listed code, undefined included", async () => {
    const read = async (): Promise<string | undefined> => {
      throw awsError("NoSuchBucket");
    };

    assert.isUndefined(await unlessAbsent<string | undefined>({ NoSuchBucket: undefined }, read));
  });

  it("throws every other error on", async () => {
    const read = async (): Promise<string> => {
      throw awsError("AccessDenied");
    };

    const error = await unlessAbsent({ NoSuchBucket: "gone" }, read).then(
      () => assert.fail("answered"),
      (thrown: Error) => thrown,
    );

    assert.equal(error.name, "AccessDenied");
  });
});
