import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { dependencies } from "../../package.json";

const root = join(__dirname, "..", "..");
const script = join(root, "tools", "build-pulumi.sh");

describe("tools/build-pulumi.sh", () => {
  let home = "";
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "build-pulumi-"))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const place = () =>
    join(home, "aws-event-guardrails", `pulumi-v${dependencies["@pulumi/pulumi"]}`, "pulumi");

  const program = (file: string, text: string): void => {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  };

  /** Runs it with an empty cache and the system's small programs, and with no `go` but a given one. */
  const build = (go?: string) => {
    const bin = join(home, "bin");
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, "node"));
    for (const name of ["dirname", "mkdir", "mktemp", "rm", "mv", "tail"]) {
      const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
      symlinkSync(found, join(bin, name));
    }
    if (go !== undefined) program(join(bin, "go"), go);
    const { status, stdout, stderr } = spawnSync("/bin/bash", [script], {
      env: { PATH: bin, HOME: home, XDG_CACHE_HOME: home },
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };

  it("prints the path of the binary that is in the cache, and builds nothing", () => {
    program(place(), "true");

    expect(build("exit 9")).to.deep.equal({ status: 0, stdout: `${place()}\n`, stderr: "" });
  });

  it("keeps what it built, in the version of @pulumi/pulumi, and prints its path alone", () => {
    const built = build(`
      case "$3" in
        get) echo "go: added it" >&2 ;;
        build) shift 3; echo "$*" >&2; printf '#!/bin/sh\\n' >"$2"; /bin/chmod +x "$2" ;;
      esac`);

    expect(built.stdout).to.equal(`${place()}\n`);
    expect(built.stderr).to.include(`version.Version=v${dependencies["@pulumi/pulumi"]}`);
    expect(spawnSync(place()).status).to.equal(0);
  });

  it("says in a sentence, with an exit code of its own, that there is no Go", () => {
    const { status, stdout, stderr } = build();

    expect({ status, stdout }).to.deep.equal({ status: 4, stdout: "" });
    expect(stderr).to.match(/^Pulumi's CLI cannot be built here: there is no go on the PATH; .*\n$/);
  });

  it("says so too, with Go's reason, when the modules cannot be fetched", () => {
    const { status, stdout, stderr } = build('echo "go: module lookup disabled by GOPROXY=off" >&2; exit 1');

    expect({ status, stdout }).to.deep.equal({ status: 4, stdout: "" });
    expect(stderr).to.include("its modules could not be fetched: go: module lookup disabled by GOPROXY=off");
  });

  it("fails, and leaves nothing that looks built, when the build fails", () => {
    const failing = 'case "$3" in build) printf half >"$5"; exit 1 ;; esac';

    expect(build(failing).status).to.equal(1);
    expect(readdirSync(join(place(), ".."))).to.deep.equal([]);
  });
});
