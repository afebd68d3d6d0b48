import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { expect } from "chai";
import type { MatchOptions } from "../../tools/match";
import { match } from "../../tools/match";

const collect = (): { stream: Writable; text(): string } => {
  const chunks: Buffer[] = [];
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()) });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
};

const run = async (options: MatchOptions, input: (string | Buffer)[] = []) => {
  const stdout = collect();
  const stderr = collect();
  const code = await match(options, {
    stdin: Readable.from(input),
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  return { code, out: stdout.text(), err: stderr.text() };
};

const judged = async (...lines: string[]): Promise<unknown[]> => {
  const { out } = await run({ jsonl: true }, [lines.join("\n")]);
  return out
    .trimEnd()
    .split("\n")
    .map(line => JSON.parse(line) as unknown);
};

describe("guardrails match", () => {
  let folder: string;
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "match-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("says yes and why", async () => {
    const options = {
      pattern: file("p.json", '{"source":["aws.s3"]}'),
      event: file("e.json", '{"source":"aws.s3"}'),
    };
    expect(await run(options)).to.deep.equal({ code: 0, out: 'yes\n  source is "aws.s3"\n', err: "" });
  });

  it("says no and why", async () => {
    const options = {
      pattern: file("p.json", '{"source":["aws.s3"]}'),
      event: file("e.json", '{"source":"aws.ec2"}'),
    };
    expect(await run(options)).to.deep.equal({
      code: 1,
      out: 'no\n  source is "aws.ec2", wanted "aws.s3"\n',
      err: "",
    });
  });

  it("answers in JSON, and reads the event from standard input", async () => {
    const options = { pattern: file("p.json", '{"n":[1e400]}'), event: "-", json: true };
    const { code, out } = await run(options, ['\ufeff{"n":', "1e400}\n"]);
    expect([code, JSON.parse(out)]).to.deep.equal([0, { match: true, reasons: ["n is 1e400"] }]);
  });

  it("reads the pattern from standard input, too, and says so where it is none", async () => {
    const event = file("e.json", '{"source":"aws.s3"}');
    expect((await run({ pattern: "-", event }, ['{"source":', '["aws.s3"]}'])).code).to.equal(0);
    expect((await run({ pattern: "-", event }, ["{"])).err).to.match(
      /^The pattern on standard input is not JSON/,
    );
    expect((await run({ pattern: "-", event }, ['{"source":[]}'])).err).to.match(
      /^The pattern on standard input is invalid:\n/,
    );
  });

  it("hints at fields that the event has under a name that is spelled alike", async () => {
    const event = file("e.json", '{"source":"aws.ec2","detail":{"items":[{"ipProtocol":"tcp"}]}}');
    const hints = async (pattern: string) => (await run({ pattern: file("p.json", pattern), event })).err;

    expect(await hints('{"detial":{"eventName":["x"]}}')).to.equal(
      'Hint: the event has no detial; did you mean "detail"?\n',
    );
    expect(await hints('{"detail":{"items":{"ipProtcol":["tcp"]}}}')).to.equal(
      'Hint: the event has no detail.items.ipProtcol; did you mean "detail.items.ipProtocol"?\n',
    );
    expect(await hints('{"$or":[{"detail-typ":["x"]},{"source":["aws.ec2"]}]}')).to.equal(
      'Hint: the event has no detail-typ; did you mean "detail-type"?\n',
    );
    expect(await hints('{"detail":{"items":{"userName":["x"]}},"region":["x"],"source":["x"]}')).to.equal("");
  });

  it("shows nothing to the terminal that it would obey", async () => {
    for (const [bytes, shown] of [
      [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x02]), "\\u007fELF\\u0002"],
      [Buffer.from("\u001b]0;title\u0007"), "\\u001b]0;title\\u0007"],
      [Buffer.from([0xff, 0xfe]), "\\ufffd\\ufffd"],
    ] as const) {
      const pattern = join(folder, "bytes");
      writeFileSync(pattern, bytes);
      const { code, err } = await run({ pattern, event: pattern });

      expect(code).to.equal(2);
      expect(err)
        .to.include(shown)
        .and.not.match(/[^\P{Cc}\n]|\ufffd/u);
    }
  });

  it("warns beside the verdict of what EventBridge would refuse", async () => {
    const options = {
      pattern: file("p.json", '{"n":[{"numeric":[">",6e9]}]}'),
      event: file("e.json", '{"n":7e9}'),
    };
    const { code, out, err } = await run(options);
    expect([code, out.split("\n")[0]]).to.deep.equal([0, "yes"]);
    expect(err).to.equal("Warning: n[0] compares with 6000000000, EventBridge takes -5e9 to 5e9.\n");
  });

  it("tells in a sentence what input it cannot use", async () => {
    const good = file("good.json", '{"source":["aws.s3"]}');
    const cases: [MatchOptions, string][] = [
      [{}, "Give --pattern <file> and --event <file>"],
      [{ pattern: good }, "Give --pattern <file> and --event <file>"],
      [{ jsonl: true, pattern: good }, "--jsonl reads patterns and events from standard input only"],
      [
        { pattern: join(folder, "none.json"), event: good },
        `The pattern cannot be read: there is no file ${folder}`,
      ],
      [{ pattern: folder, event: good }, `The pattern cannot be read: ${folder} is a folder.`],
      [{ pattern: "-", event: "-" }, "Standard input holds one of the two"],
      [{ pattern: good, event: file("broken.json", "{") }, "broken.json is not JSON"],
      [
        { pattern: file("bad.json", '{"source":[],"a":5}'), event: good },
        "bad.json is invalid:\n- source is an empty list, wanted at least one value\n- a is 5",
      ],
      [{ pattern: good, event: file("list.json", "[]") }, "list.json is not a JSON object"],
    ];
    for (const [options, message] of cases) {
      const { code, out, err } = await run(options);
      expect([code, out]).to.deep.equal([2, ""]);
      expect(err).to.include(message).and.not.include("    at ");
    }
  });

  it("exits with the verdict when started from the command line, and with 2 on wrong options", () => {
    const guardrails = (...args: string[]) =>
      spawnSync(process.execPath, [join(__dirname, "../../tools/guardrails.js"), ...args], {
        encoding: "utf8",
      });
    const event = file("e.json", '{"source":"aws.ec2"}');
    const no = guardrails("match", "--pattern", file("p.json", '{"source":["aws.s3"]}'), "--event", event);
    expect([no.status, no.stdout]).to.deep.equal([1, 'no\n  source is "aws.ec2", wanted "aws.s3"\n']);
    const wrong = guardrails("match", "--patern", "x");
    expect([wrong.status, wrong.stdout]).to.deep.equal([2, ""]);
    expect(wrong.stderr).to.include("unknown option '--patern'");
  });
});

describe("guardrails match --jsonl", () => {
  it("answers line by line, in order", async () => {
    expect(
      await judged(
        '{"id":"a","pattern":{"source":["x"]},"event":{"source":"x"}}',
        "",
        '{"id":"b","pattern":{"source":["x"]},"event":{"source":"y"}}\r',
        '{"event":{"n":1e400},"pattern":{"n":[1e400]},"id":3}',
      ),
    ).to.deep.equal([
      { id: "a", match: true },
      { id: "b", match: false },
      { id: 3, match: true },
    ]);
  });

  it("names what is wrong with a pattern and goes on", async () => {
    const { code, out } = await run({ jsonl: true }, [
      '{"id":1,"pattern":{"a":[]},"event":{}}\n{"id":2,"pattern":{"a":["x"]},"event":{"a":"x"}}\n',
    ]);
    const { out: alone } = await run({ jsonl: true }, ['{"id":3,"pattern":{"a":[]}}']);
    expect(alone).to.include("a is an empty list");
    expect(code).to.equal(0);
    expect(out).to.equal(
      '{"id":1,"error":"Invalid event pattern: a is an empty list, wanted at least one value."}\n{"id":2,"match":true}\n',
    );
  });

  it("answers an unusable line with an error, its id if known, and exits with 2 after the rest", async () => {
    const lines = [
      '{"id":"cut","pattern":{"a":["x"]},"event":{"a":',
      "nonsense",
      "[1]",
      '{"id":4,"event":{}}',
      '{"id":5,"pattern":{"a":["x"]},"event":[]}',
      `{"id":"deep","pattern":${'{"a":'.repeat(20_000)}["x"]${"}".repeat(20_000)},"event":{}}`,
      '{"id":12345678901234567890,"pattern":{"a":["x"]},"event":{"a":"x"}}',
    ];
    const { code, out } = await run({ jsonl: true }, [lines.join("\n")]);
    const answers = out.trimEnd().split("\n");
    expect(code).to.equal(2);
    expect(answers).to.have.lengthOf(lines.length);
    expect(answers[0]).to.match(/^\{"id":"cut","error":"Line 1 is not JSON: /);
    expect(answers[1]).to.match(/^\{"id":null,"error":"Line 2 is not JSON: /);
    expect(answers[2]).to.equal(
      '{"id":null,"error":"Line 3 is not an object with \\"id\\", \\"pattern\\" and \\"event\\"."}',
    );
    expect(answers[3]).to.equal('{"id":4,"error":"Line 4 has no \\"pattern\\"."}');
    expect(answers[4]).to.equal('{"id":5,"error":"Line 5 has no \\"event\\" that is an object."}');
    expect(answers[5]).to.equal('{"id":"deep","error":"Line 6 is nested too deeply."}');
    expect(answers[6]).to.equal('{"id":12345678901234567890,"match":true}');
  });

  it("splits lines at line feeds only, wherever the chunks of input end", async () => {
    const line = '{"id":"\u2028é🚀","pattern":{"a":["x\u2029"]},"event":{"a":"x\u2029"}}';
    const bytes = Buffer.from(`${line}\n${line}`);
    const { out } = await run(
      { jsonl: true },
      Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1)),
    );
    expect(out).to.equal('{"id":"\u2028é🚀","match":true}\n'.repeat(2));
  });

  it("tells numbers apart that only their text tells apart", async () => {
    const line = (number: string, id: number) =>
      `{"id":${id},"pattern":{"a":[${number}]},"event":{"a":1e400}}`;
    expect(await judged(line("1e400", 1), line("1e401", 2), line("1e400", 3), line("null", 4))).to.deep.equal(
      [
        { id: 1, match: true },
        { id: 2, match: false },
        { id: 3, match: true },
        { id: 4, match: false },
      ],
    );
  });

  it("reads 100,000 lines no faster than its answers are taken", async () => {
    const count = 100_000;
    let read = 0;
    let written = 0;
    let furthest = 0;
    const stdin = Readable.from(
      (function* () {
        for (; read < count; read++)
          yield Buffer.from(`{"id":${read},"pattern":{"a":[${read % 5}]},"event":{"a":${read % 3}}}\n`);
      })(),
    );
    let expected = 0;
    const stdout = new Writable({
      highWaterMark: 1024,
      write: (chunk: Buffer, _encoding, done) => {
        for (const line of chunk.toString("utf8").trimEnd().split("\n")) {
          if (line !== `{"id":${expected},"match":${expected % 5 === expected % 3}}`)
            throw new Error(`out of order: ${line}`);
          expected++;
        }
        written = expected;
        furthest = Math.max(furthest, read - written);
        setImmediate(done);
      },
    });
    expect(await match({ jsonl: true }, { stdin, stdout, stderr: stdout })).to.equal(0);
    expect(expected).to.equal(count);
    expect(furthest).to.be.lessThan(10_000);
  });
});
