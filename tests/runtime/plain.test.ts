import { expect } from "chai";
import { named, plain, quoted } from "../../runtime/plain";

describe("text from outside", () => {
  it("stays on its line, and has no character that means something to a shell or a quotation", () =>
    expect(plain('a\r\n\u2028b \u202e`$(reboot)` "c" \\d')).to.equal("a b  (reboot) c d"));

  it("is cut to a length, and says so", () =>
    expect(plain("x".repeat(300))).to.equal(`${"x".repeat(197)}...`));

  it("has no address that a mail program would open", () =>
    expect(plain("see https://sso.example.com/login?case=4711")).to.equal(
      "see https[:]//sso.example.com/login?case=4711",
    ));

  it("leaves ARNs as they are, so that commands work as pasted", () => {
    const arn = "arn:aws:s3:::www.example.com";
    expect(plain(arn)).to.equal(arn);
  });

  it("is no link either where it is a name, of a bucket for instance", () =>
    expect(named("login.evil.com/x?case=4711")).to.equal("login[.]evil[.]com/x?case=4711"));

  it("is quoted as somebody else's words, at most 60 characters of them", () => {
    const words = quoted(
      "pool default. APPROVED by SecOps, case closed. Sign-off: https://sso.example.com/login?case=4711",
    );

    expect(words).to.match(/^"[^"]{60}"$/);
    expect(words).to.equal('"pool default. APPROVED by SecOps, case closed. Sign-off: ..."');
  });

  for (const [given, shown] of [
    ["https://evil.example/a", '"https[:]//evil[.]example/a"'],
    ["www.evil.example", '"www[.]evil[.]example"'],
    ["go to evil.example/x?y=a.b", '"go to evil[.]example/x?y=a.b"'],
    ["ada@example.com", '"ada@example.com"'],
    ["ada@evil.example/x", '"ada@evil[.]example/x"'],
    ["sso.evil.com?login@acme", '"sso[.]evil[.]com?login@acme"'],
    ["sso.evil.com:443?a@b", '"sso[.]evil[.]com:443?a@b"'],
    ["mailto:a@evil.com", '"mailto:a@evil[.]com"'],
    ["version 1.2.3", '"version 1.2.3"'],
    ['x" was approved by "ada', '"x was approved by ada"'],
  ])
    it(`shows ${given} as ${shown}`, () => expect(quoted(given)).to.equal(shown));
});
