import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { expect } from "chai";
import { build } from "esbuild";
import { bundleRemediators, type Bundle } from "../../components/bundle";
import type { AnyInspecting } from "../../components/definition";
import { targetNodeVersion } from "../../components/function";
import { stageOf } from "../support/stages";
import { fakeTable } from "../support/fakes/table";
import { inspecting, settingsOf } from "../support/inspecting";
import { unpack } from "../support/fakes/container";
import { configOf, withoutMocha } from "../support/invocation";
import { actingEvents } from "../support/events/acting";

const bundled = (definitions: readonly AnyInspecting[]) => withoutMocha(() => bundleRemediators(definitions));
/** A zip's other parts: three local headers, three central ones, the end, and both JSON files. */
const beside = 4 * 1024;

describe("the bundle of every guardrail", () => {
  let bundles: Record<string, Bundle>;
  before(async () => {
    bundles = await bundled(inspecting);
  });

  it("is one file for each guardrail that has a function", () => {
    expect(Object.keys(bundles).sort()).to.deep.equal(inspecting.map(({ id }) => id).sort());
  });

  it("is made for the least Node.js of a developer, since the sandbox runs it there", () => {
    const { engines } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as {
      engines: { node: string };
    };
    expect(engines.node).to.match(new RegExp(`^>=${targetNodeVersion}\\.`));
  });

  it("requires nothing but Node's own modules", async () => {
    for (const [id, { text }] of Object.entries(bundles)) {
      const { metafile } = await build({
        stdin: { contents: text },
        bundle: true,
        write: false,
        metafile: true,
        platform: "node",
        packages: "external",
        logLevel: "silent",
      });
      const names = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
      const foreign = names.filter(name => !builtinModules.includes(name.replace(/^node:/, "")));

      expect(names, id).to.include("fs");
      expect(foreign, id).to.deep.equal([]);
    }
  });

  it("holds no documentation and no permissions", () => {
    for (const definition of inspecting) {
      const { text } = bundles[definition.id];
      const fields = Object.values(definition.settings.shape) as { description?: string }[];
      const words = [definition.why, ...fields.map(({ description }) => description ?? "")];

      expect(text, definition.id).to.include(definition.title);
      for (const word of words.filter(one => one !== ""))
        expect(text.includes(word.slice(0, 30)), `${definition.id}: ${word}`).to.equal(false);
      expect(text.includes("does not scope") || text.includes("strictObject"), definition.id).to.equal(false);
    }
  });

  it("fits into 350 KB zipped", () => {
    for (const [id, { text }] of Object.entries(bundles))
      expect(deflateRawSync(text, { level: 9 }).length + beside, id).to.be.below(350 * 1024);
  });

  it("is the same, byte by byte, on another run, alone and in other company", async () => {
    const [one, ...others] = inspecting;

    expect(await bundled([one])).to.deep.equal({ [one.id]: bundles[one.id] });
    expect({ ...(await bundled(others.reverse())), [one.id]: bundles[one.id] }).to.deep.equal(bundles);
  });

  describe("in a plain Node process with nothing else beside it", () => {
    let folder: string;
    let server: Server;
    let requests: { guardrail: string; body: string }[];
    let tables: Record<string, ReturnType<typeof fakeTable>>;
    let results: Record<string, Record<"forged" | "real", { thrown?: string; lines: string[] }>>;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "bundles-"));
      requests = [];
      tables = {};
      server = createServer((request, response) => {
        let body = "";
        request.on("data", part => (body += part));
        request.on("end", () => {
          const [, guardrail] = request.url!.split("/");
          const target = request.headers["x-amz-target"];
          if (target !== undefined) {
            tables[guardrail] ??= fakeTable();
            const answer = tables[guardrail].answers[String(target).split(".")[1]](JSON.parse(body));
            response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
            return response.end(JSON.stringify(answer));
          }
          requests.push({ guardrail, body });
          const isPublish = body.includes("Action=Publish");
          response.writeHead(isPublish ? 200 : 403, { "content-type": "text/xml" });
          response.end(isPublish ? published : denied);
        });
      });
      await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
      for (const definition of inspecting) writeFunction(folder, definition, bundles[definition.id]);
      writeFileSync(join(folder, "run.js"), runner);
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["run.js", String((server.address() as AddressInfo).port), ...inspecting.map(({ id }) => id)],
        { cwd: folder, env: { PATH: process.env.PATH }, maxBuffer: 1 << 26 },
      );
      results = JSON.parse(stdout.slice(stdout.lastIndexOf('\n{"results":'))).results;
    });
    after(async () => {
      await new Promise(resolve => server.close(resolve));
      rmSync(folder, { recursive: true });
    });

    it("loads and refuses an event that none of its rules delivers, asking AWS nothing", () => {
      for (const { id } of inspecting)
        expect(results[id].forged.thrown, id).to.equal(
          "The event is not one that this guardrail's rules deliver",
        );
    });

    it("asks AWS about an event that concerns it, tells when AWS refuses, and remembers that it told", () => {
      for (const { id } of inspecting) {
        const { thrown, lines } = results[id].real;
        const audits = lines.map(line => JSON.parse(line)).filter(({ audit }) => audit === 1);
        const notices = requests.filter(
          ({ guardrail, body }) => guardrail === id && body.includes("Action=Publish"),
        );

        expect(thrown, id).to.match(/resources failed, first arn:.*: no, not you$/);
        expect(audits[0], id).to.deep.include({ outcome: "failed", guardrail: id });
        expect(audits[0].error.code, id).to.match(/^(AccessDenied|UnauthorizedOperation)$/);
        expect(audits[0].calls, id).to.not.be.empty;
        expect(notices, id).to.have.length(1);
        expect(notices[0].body, id).to.include("FAILED");
        const remembered = [...tables[id].items.keys()];
        expect(remembered.filter(key => key.includes(" notice#failed#"))).to.not.be.empty;
        for (const key of remembered)
          expect(key).to.match(
            new RegExp(`^${id}#(arn:\\S+ notice#(failed#|told)|digest (slot|group#arn:.*))`),
          );
      }
    });
  });
});

const published =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';
/** The error shapes of S3 and of EC2 in one. */
const denied =
  "<Response><Code>AccessDenied</Code><Message>no, not you</Message><Errors><Error><Code>UnauthorizedOperation</Code><Message>no, not you</Message></Error></Errors></Response>";

function writeFunction(folder: string, definition: AnyInspecting, { text }: Bundle): void {
  const { id } = definition;
  const { settings } = stageOf(id);
  const [event] = actingEvents(definition);
  mkdirSync(join(folder, id));
  writeFileSync(join(folder, id, "index.js"), text);
  unpack(join(folder, id), configOf("notify", settingsOf(definition, settings)));
  writeFileSync(join(folder, id, "event.json"), JSON.stringify(event));
}

/** Plays Lambda for one function after the other; an address of its own tells whose request is whose. */
const runner = `
const fs = require("fs");
const [, , port, ...ids] = process.argv;
const results = {};
(async () => {
  for (const id of ids) {
    Object.assign(process.env, {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_ENDPOINT_URL: "http://127.0.0.1:" + port + "/" + id,
      LAMBDA_TASK_ROOT: process.cwd() + "/" + id,
    });
    const { handler } = require("./" + id + "/index.js");
    const event = JSON.parse(fs.readFileSync(id + "/event.json", "utf8"));
    const invoke = async payload => {
      const lines = [];
      const { write } = process.stdout;
      process.stdout.write = text => lines.push(text) > 0;
      try {
        await handler(payload, { awsRequestId: "1", getRemainingTimeInMillis: () => 11000 });
        return { lines };
      } catch (error) {
        return { lines, thrown: error.message };
      } finally {
        process.stdout.write = write;
      }
    };
    const forged = await invoke({ ...event, source: "custom.forged" });
    results[id] = { forged, real: await invoke(event) };
  }
  console.log("\\n" + JSON.stringify({ results }));
})();
`;
