import { expect } from "chai";
import { explain } from "../../patterns";

const event = {
  source: "aws.s3",
  detail: {
    eventName: "DeleteBucket",
    errorCode: "AccessDenied",
    size: 7,
    tags: ["a", "b"],
    items: [
      { port: 22, from: "10.0.0.0/8" },
      { port: 443, from: "0.0.0.0/0" },
    ],
  },
};
const reasons = (pattern: unknown): string[] => explain(pattern, event).reasons;

describe("explaining a verdict", () => {
  it("names the field, its value and what was wanted", () => {
    expect(
      reasons({ source: ["aws.s3"], detail: { eventName: ["CreateBucket", { prefix: "Put" }] } }),
    ).to.deep.equal([
      'detail.eventName is "DeleteBucket", wanted "CreateBucket" or a value that starts with "Put"',
    ]);
  });

  it("lists every field that failed", () => {
    const pattern = {
      detail: {
        size: [{ numeric: [">", 7, "<=", 9] }],
        region: ["us-east-1"],
        errorCode: [{ exists: false }],
      },
    };
    expect(reasons(pattern)).to.deep.equal([
      'detail.errorCode is "AccessDenied", wanted no value',
      'detail.region has no value, wanted "us-east-1"',
      "detail.size is 7, wanted a number > 7 and <= 9",
    ]);
  });

  it("tells all values of a list", () => {
    expect(reasons({ detail: { tags: [{ suffix: "c" }] } })).to.deep.equal([
      'detail.tags is "a" and "b", wanted a value that ends with "c"',
    ]);
  });

  it("hints at a difference in case only", () => {
    expect(reasons({ detail: { eventName: ["deletebucket"] } })[0]).to.include("upper and lower case differ");
    expect(reasons({ detail: { eventName: ["deletebuckets"] } })[0]).to.not.include("case");
  });

  it("says when conditions hold, but in different elements of a list", () => {
    expect(
      reasons({ source: ["aws.s3"], detail: { items: { port: [22], from: ["0.0.0.0/0"] } } }),
    ).to.deep.equal([
      "detail.items.from and detail.items.port do not hold in the same element of detail.items",
    ]);
  });

  it("takes the alternative of $or that comes closest", () => {
    expect(
      reasons({
        $or: [
          { source: ["aws.ec2"], id: ["x"] },
          { source: ["aws.s3"], detail: { size: [8] } },
        ],
      }),
    ).to.deep.equal([
      "No alternative of $or matches; the closest of 2 fails because",
      "detail.size is 7, wanted 8",
    ]);
  });

  it("names the fields of a match", () => {
    expect(explain({ source: ["aws.s3"], detail: { none: [{ exists: false }] } }, event)).to.deep.equal({
      matches: true,
      reasons: ["detail.none has no value", 'source is "aws.s3"'],
    });
  });

  it("says that an event is no object", () => {
    expect(explain({ a: ["x"] }, ["x"])).to.deep.equal({
      matches: false,
      reasons: ['The event is ["x"], wanted a JSON object'],
    });
  });
});
