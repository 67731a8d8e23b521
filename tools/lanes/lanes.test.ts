import { describe, expect, it } from "vitest";
import { everyProgram, fakeMachine } from "../../checks/lib/process/fake-machine.ts";
import type { Machine } from "../setup/machine.mjs";
import { chooseLanes, lanes, readArguments, requiredLanes } from "./lanes.mjs";

const names = (some: readonly { name: string }[]) => some.map(({ name }) => name);

describe("chooseLanes", () => {
  it("takes all lanes if none is named and everything runs", () => expect(chooseLanes([], true)).toEqual(lanes));
  it("leaves out lanes that only --all runs", () =>
    expect(names(chooseLanes([], false))).toEqual(names(lanes).filter((name) => name !== "newest")));
  it("takes a lane that only --all runs if it is named", () =>
    expect(names(chooseLanes(["newest"], false))).toEqual(["newest"]));
  it("keeps their order", () => expect(names(chooseLanes(["e2e", "unit"], false))).toEqual(["unit", "e2e"]));
  it("refuses an unknown lane, and lists the lanes", () => {
    expect(() => chooseLanes(["units"], false)).toThrow(
      expect.objectContaining({ exitCode: 64, remedy: expect.stringContaining("unit,") }),
    );
  });
});

describe("readArguments", () => {
  it.each([
    { args: [], wantsHelp: false, isExhaustive: false, names: [] },
    { args: ["e2e", "--all", "unit"], wantsHelp: false, isExhaustive: true, names: ["e2e", "unit"] },
    { args: ["--help"], wantsHelp: true, isExhaustive: false, names: [] },
  ])("reads $args", ({ args, ...rest }) => expect(readArguments(args)).toEqual(rest));
  it("refuses an unknown option", () =>
    expect(() => readArguments(["--fast"])).toThrow(
      expect.objectContaining({ exitCode: 64, message: "no such option: --fast" }),
    ));
});

it.each([
  [undefined, []],
  ["", []],
  ["all", names(lanes)],
  ["eval, flake", ["flake", "eval"]],
])("LANES_REQUIRED=%s requires %j", (text, required) => expect(names(requiredLanes(text))).toEqual(required));

describe("the obstacle of a lane", () => {
  const obstacle = (name: string, machine: Machine) => lanes.find((lane) => lane.name === name)?.obstacle(machine);
  const whole = fakeMachine(everyProgram);
  const failing = (command: string) => ({
    output: (program: string, args: readonly string[]) =>
      program === command ? undefined : whole.output(program, args),
  });
  const old = { output: (program: string) => (program === "nix" ? "nix (Nix) 2.3.16" : "") };

  it.each(lanes)("is not $name if nothing is missing", ({ obstacle }) => expect(obstacle(whole)).toBeUndefined());

  it.each([
    {
      lane: "flake",
      why: "Nix is missing",
      machine: fakeMachine(["apt-get"]),
      says: /not found → apt-get install .* nix-bin$/,
    },
    { lane: "eval", why: "Nix is too old", machine: { ...whole, ...old }, says: /Nix 2\.3\.16.* 2\.8 or later/ },
    {
      lane: "eval",
      why: "nixpkgs' lib is missing",
      machine: { ...whole, ...failing("nix-instantiate") },
      says: /<nixpkgs\/lib> → .*ln -s/,
    },
    {
      lane: "flake",
      why: "only root may install",
      machine: fakeMachine(["apt-get"], { isRoot: false }),
      says: /→ sudo apt-get/,
    },
    {
      lane: "e2e",
      why: "the kernel makes no namespaces",
      machine: { ...whole, ...failing("unshare") },
      says: /--privileged/,
    },
    {
      lane: "e2e",
      why: "a switch of the kernel is off",
      machine: { ...whole, isRoot: false, output: (program: string) => ({ cat: "0" })[program] },
      says: /→ sudo sysctl -w kernel\.unprivileged_userns_clone=1$/,
    },
    {
      lane: "systemd",
      why: "the user is not root",
      machine: { ...whole, isRoot: false },
      says: /→ sudo npm run test:systemd$/,
    },
    {
      lane: "newest",
      why: "the container may not mount",
      machine: {
        ...whole,
        output: (program: string, args: readonly string[]) =>
          args.includes("--cgroup") ? undefined : whole.output(program, args),
      },
      says: /cgroup2.* → .*--privileged$/,
    },
  ])("names one command for $lane if $why", ({ lane, machine, says }) => {
    const { reason, command } = obstacle(lane, machine) ?? {};
    expect(`${reason} → ${command}`).toMatch(says);
  });
});
