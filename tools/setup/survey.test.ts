import { describe, expect, it } from "vitest";
import { everyProgram, fakeMachine } from "../../checks/lib/process/fake-machine.ts";
import { survey } from "./survey.mjs";

const all = ["npm", "owncast", "caddy", "ffmpeg", "namespaces"] as const;
const servers = ["owncast", "caddy", "ffmpeg", "namespaces"] as const;
const nothing = {
  packages: [],
  caddy: undefined,
  nginx: undefined,
  owncast: undefined,
  npm: false,
  python: false,
  speech: false,
  sounds: undefined,
  chromium: false,
  node24: undefined,
  goPrograms: [],
  cargoPrograms: [],
  rootfs: [],
};
const nowhere = "/nonexistent";
const without = (...names: string[]) => everyProgram.filter((name) => !names.includes(name));

describe("the set-up's work", () => {
  it("is everything on a bare Debian with Go", () => {
    const { problems, work } = survey(all, fakeMachine(["apt-get", "go"]), nowhere);
    expect(problems).toEqual([]);
    expect(work).toMatchObject({
      packages: ["ffmpeg", "iproute2", "util-linux", "gcc", "libc6-dev"],
      caddy: expect.stringMatching(/\/lectern\/caddy\/.+\/caddy$/),
      owncast: {
        target: expect.stringMatching(/\/lectern\/owncast\/[0-9a-f]{64}\/owncast$/),
        go: { program: "/usr/bin/go" },
      },
      npm: true,
    });
  });

  it("leaves out programs that this machine has", () => {
    const { work } = survey(servers, fakeMachine(everyProgram), nowhere);
    expect(work).toMatchObject({ packages: [], caddy: undefined, npm: false });
  });

  it("leaves out programs that are not needed", () => {
    const { problems, work } = survey(["npm"], fakeMachine([]), nowhere);
    expect({ problems, work }).toEqual({
      problems: [],
      work: { ...nothing, npm: true },
    });
  });

  it("leaves out programs that a variable names, and then needs no Go", () => {
    const env = { OWNCAST: "owncast", CADDY: "my-caddy", FFMPEG: "my-ffmpeg" };
    const machine = fakeMachine(["owncast", "my-caddy", "my-ffmpeg", "ip", "unshare", "nsenter", "flock"], { env });
    const { problems, work } = survey(servers, machine, nowhere);
    expect({ problems, work }).toEqual({
      problems: [],
      work: nothing,
    });
  });

  it("includes nginx from a mirror that serves it, unless a variable names one", () => {
    const printed = "'http://mirror.test/debian/dists/bookworm/InRelease' mirror.test_InRelease 0";
    const output = (program: string) => (program === "apt-get" ? printed : "");
    const { problems, work } = survey(["nginx"], fakeMachine(["apt-get"], { output }), nowhere);
    expect({ problems, nginx: work.nginx }).toEqual({
      problems: [],
      nginx: {
        target: expect.stringMatching(/\/lectern\/nginx\/forky-[0-9a-f]{16}\/root\/bin\/nginx$/),
        mirror: "http://mirror.test/debian",
      },
    });
    const named = fakeMachine(["apt-get", "my-nginx"], { output, env: { NGINX: "my-nginx" } });
    expect(survey(["nginx"], named, nowhere)).toMatchObject({ problems: [], work: nothing });
  });

  it("leaves out nginx if this machine's apt cannot fetch it, because the other tests work without it", () => {
    const served = fakeMachine(["apt-get"], { output: (program) => (program === "apt-get" ? "" : undefined) });
    for (const machine of [served, fakeMachine([])])
      expect(survey(["nginx"], machine, nowhere)).toMatchObject({ problems: [], work: nothing });
  });

  it("includes debootstrap and a root file system from this machine's mirror, if a test boots one", () => {
    const printed = "'http://mirror.test/debian/dists/bookworm/InRelease' mirror.test_InRelease 0";
    const output = (program: string) => (program === "apt-get" ? printed : "");
    const { problems, work } = survey(["node24", "trixie"], fakeMachine(["apt-get"], { output }), nowhere);
    expect(problems).toEqual([]);
    expect(work).toMatchObject({
      packages: ["debootstrap"],
      node24: expect.stringMatching(/\/lectern\/node24\/24\.[\d.]+\/node$/),
      rootfs: [
        {
          suite: "trixie",
          target: expect.stringMatching(/\/lectern\/rootfs\/trixie-[0-9a-f]{16}\/root$/),
          mirror: "http://mirror.test/debian",
        },
      ],
    });
  });

  it("includes a program of the tests, built with this machine's Go", () => {
    const { problems, work } = survey(["http3"], fakeMachine(everyProgram), nowhere);
    expect({ problems, goPrograms: work.goPrograms }).toEqual({
      problems: [],
      goPrograms: [
        {
          name: "http3",
          target: expect.stringMatching(/\/lectern\/http3-get\/[0-9a-f]{16}\/bin$/),
          go: expect.objectContaining({ program: "/usr/bin/go" }),
        },
      ],
    });
    const named = fakeMachine(["my-http3"], { env: { HTTP3_GET: "my-http3" } });
    expect(survey(["http3"], named, nowhere)).toMatchObject({ problems: [], work: { goPrograms: [] } });
  });

  it("includes a checker of Nix files if cargo is installed, and leaves it out if not", () => {
    const wanted = ["nixfmt", "deadnix"] as const;
    const { problems, work } = survey(wanted, fakeMachine(["cargo", "deadnix"]), nowhere);
    expect({ problems, cargoPrograms: work.cargoPrograms }).toEqual({
      problems: [],
      cargoPrograms: [
        {
          name: "nixfmt",
          target: expect.stringMatching(/\/lectern\/nixfmt\/[\d.]+\/nixfmt$/),
          cargo: "/usr/bin/cargo",
        },
      ],
    });
    expect(survey(wanted, fakeMachine([]), nowhere)).toMatchObject({ problems: [], work: { cargoPrograms: [] } });
  });

  it("includes a Python that can make environments, and its packages, if Python is checked", () => {
    const machine = fakeMachine(everyProgram);
    expect(survey(["python"], machine, nowhere).work).toMatchObject({ packages: [], python: true });
    const none = { ...machine, output: () => undefined };
    expect(survey(["python"], none, nowhere).work).toMatchObject({ packages: ["python3-venv"], python: true });
  });

  it("includes the speech engines, a voice and a translator, unless a variable names a Python that has the engines", () => {
    const machine = fakeMachine(everyProgram);
    expect(survey(["speech"], machine, nowhere).work).toMatchObject({
      packages: ["flite", "apertium", "apertium-eng-spa"],
      speech: true,
      python: false,
    });
    const named = fakeMachine(["apt-get", "my-python"], { env: { SPEECH: "my-python" } });
    expect(survey(["speech"], named, nowhere)).toMatchObject({
      problems: [],
      work: { packages: ["flite", "apertium", "apertium-eng-spa"], speech: false },
    });
  });

  it("includes Debian's Chromium if a test needs a browser, unless a variable names one", () => {
    const bare = fakeMachine(without("chromium"));
    expect(survey(["chromium"], bare, nowhere)).toMatchObject({ problems: [], work: { packages: [], chromium: true } });
    const named = fakeMachine(["my-chromium"], { env: { CHROMIUM: "my-chromium" } });
    expect(survey(["chromium"], named, nowhere)).toMatchObject({ problems: [], work: { chromium: false } });
  });

  it("includes the C library's headers if gcc lacks them", () => {
    const machine = fakeMachine(everyProgram);
    const output = (command: string, args: readonly string[]) =>
      command.endsWith("/gcc") ? undefined : machine.output(command, args);
    expect(survey(servers, { ...machine, output }, nowhere).work.packages).toEqual(["libc6-dev"]);
  });
});

describe("the list of problems for a person", () => {
  const remedies = (machine: ReturnType<typeof fakeMachine>) => survey(all, machine, nowhere).problems;

  it("names all problems at once", () => {
    const machine = fakeMachine(["apt-get"], { isRoot: false, env: { CADDY: "/no/caddy" } });
    expect(remedies(machine)).toEqual([
      { what: "CADDY=/no/caddy is not an executable program", remedy: expect.stringContaining("unset it") },
      {
        what: expect.stringContaining("Go was not found"),
        remedy: expect.stringMatching(/install Go 1\.25.* set OWNCAST/),
      },
      {
        what: expect.stringContaining("ffmpeg iproute2 util-linux"),
        remedy: expect.stringContaining("sudo apt-get install -y --no-install-recommends ffmpeg iproute2 util-linux"),
      },
    ]);
  });

  it("asks for a Go for programs that are built from source, or a variable for each", () => {
    const old = fakeMachine(everyProgram, { output: () => "go1.23.9\nlinux\namd64\nlocal" });
    expect(survey(["http3"], old, nowhere).problems).toEqual([
      {
        what: expect.stringContaining("Go 1.23.9; building a client for HTTP/3 needs 1.24"),
        remedy: expect.stringMatching(/install Go 1\.25.* set HTTP3_GET/),
      },
    ]);
  });

  it("asks for a browser if only root may install it, and names the variable for another one", () => {
    const { problems } = survey(["chromium"], fakeMachine(without("chromium"), { isRoot: false }), nowhere);
    expect(problems).toEqual([
      {
        what: expect.stringContaining("not installed: chromium"),
        remedy: expect.stringMatching(/^sudo apt-get install .* chromium \(or set CHROMIUM to an existing chromium\)$/),
      },
    ]);
  });

  it("is empty for a user who is not root if everything is installed", () => {
    expect(remedies(fakeMachine(everyProgram, { isRoot: false }))).toEqual([]);
  });

  it("asks for packages by another package manager if there is no apt-get", () => {
    expect(remedies(fakeMachine(without("apt-get", "caddy", "ffmpeg")))).toEqual([
      {
        what: expect.stringMatching(/not installed: ffmpeg .*no apt-get/),
        remedy: expect.stringContaining("package manager"),
      },
      { what: expect.stringContaining("Caddy was not found"), remedy: expect.stringContaining("set CADDY") },
    ]);
  });

  it("asks for a package source if none serves the release to boot", () => {
    const output = (program: string) => (program === "apt-get" ? "" : undefined);
    expect(survey(["trixie"], fakeMachine(everyProgram, { output }), nowhere).problems).toEqual([
      { what: expect.stringContaining("serves Debian trixie"), remedy: expect.stringContaining("/etc/apt") },
    ]);
  });

  it("names the system if it is not supported", () => {
    expect(remedies(fakeMachine(everyProgram, { platform: "darwin" }))).toMatchObject([
      { what: expect.stringContaining("this is darwin") },
    ]);
  });
});
