import { expect } from "chai";
import { normalized, ordered } from "./normalized";

const rules = (one: string, two: string) =>
  `"before":{"rules":[{"ruleId":"${one}","port":22,"tags":{}},{"ruleId":"${two}","port":443,"tags":{}}]}`;
const words = (one: string, two: string) => `TCP 22 from ::/0 (${one}), TCP 22 from 0.0.0.0/0 (${two}). End`;

describe("a line of the golden play", () => {
  it("is the same whichever ids AWS drew", () => {
    const [low, high] = ["sgr-0000000000000001a", "sgr-0000000000000002b"];
    expect(normalized(rules(low, high))).to.equal(normalized(rules(high, low)));
    expect(normalized(words(low, high))).to.equal(normalized(words(high, low)));
  });

  it("is the same whichever public address AWS drew", () => {
    const instance = (address: string) =>
      `{"publicIp":"${address}","publicDnsName":"ip-${address.replaceAll(".", "-")}.ec2.internal"}`;
    expect(normalized(instance("54.214.76.145"))).to.equal(normalized(instance("54.214.20.100")));
  });

  it("is the same in whichever order the ids put what it lists", () => {
    const turned = `"before":{"rules":[{"ruleId":"<id 1>","port":443,"tags":{}},{"ruleId":"<id 2>","port":22,"tags":{}}]}`;
    expect(ordered(turned)).to.equal(rules("<id 1>", "<id 2>"));
    expect(ordered(JSON.stringify(turned))).to.equal(JSON.stringify(rules("<id 1>", "<id 2>")));
    expect(ordered("TCP 22 from ::/0 (<id 1>), TCP 22 from 0.0.0.0/0 (<id 2>). End")).to.equal(
      "TCP 22 from 0.0.0.0/0 (<id 1>), TCP 22 from ::/0 (<id 2>). End",
    );
  });

  it("still tells one id from another", () => {
    expect(ordered("<id 2> and <id 2> and <id 1>")).to.equal("<id 1> and <id 1> and <id 2>");
    expect(ordered("<id 2> and <id 1> and <id 1>")).to.equal("<id 1> and <id 2> and <id 2>");
  });
});
