import { SetupError } from "../process/errors.mjs";
import { isOlder } from "../setup/go.mjs";
import { installCommand } from "../setup/survey.mjs";

/** @typedef {import("../setup/machine.mjs").Machine} Machine */

/**
 * Why a lane cannot run on this machine, and the one command that changes it.
 * @typedef {{ reason: string, command: string }} Obstacle
 */

/**
 * A group of tests: a project of vitest.config.ts, except `static` (tsc, biome) and `newest` (three projects).
 * @typedef {object} Lane
 * @property {string} name
 * @property {true} [onlyAll] it runs with `--all`, or if it is named
 * @property {readonly import("../setup/survey.mjs").Need[]} needs
 * @property {(machine: Machine) => Obstacle | undefined} obstacle
 */

const oldestNix = "2.8";
const usageError = 64;
const noObstacle = () => undefined;
const servers = /** @type {const} */ (["owncast", "caddy", "ffmpeg", "namespaces"]);
const peers = /** @type {const} */ (["node24", "http3", "rtmpPeer", "farLink", "farViewer"]);

/** @type {readonly Lane[]} */
export const lanes = [
  { name: "static", needs: ["npm"], obstacle: noObstacle },
  { name: "unit", needs: ["npm", "ffmpeg"], obstacle: noObstacle },
  { name: "drift", needs: ["npm", "nixfmt", "deadnix", "python", "speech"], obstacle: noObstacle },
  { name: "flake", needs: ["npm"], obstacle: (machine) => nixObstacle(machine) ?? libObstacle(machine) },
  { name: "eval", needs: ["npm", "nginx"], obstacle: (machine) => nixObstacle(machine) ?? libObstacle(machine) },
  { name: "vm", needs: ["npm", "python"], obstacle: (machine) => nixObstacle(machine) ?? libObstacle(machine) },
  {
    name: "e2e",
    needs: ["npm", ...servers, "nginx", ...peers, "pebble", "versitygw", "speech", "sounds"],
    obstacle: namespaceObstacle,
  },
  { name: "browser", needs: ["npm", ...servers, "nginx", "chromium", "speech"], obstacle: namespaceObstacle },
  // Debian 13 (systemd 257) is stable: a failure is always Lectern's.
  {
    name: "systemd",
    needs: ["npm", ...servers, "nginx", "node24", "http3", "speech", "trixie"],
    obstacle: bootObstacle("systemd"),
  },
  // The newest systemd, Caddy and Nix. newest.mjs decides for each part whether it can run, and what a failure means.
  {
    name: "newest",
    onlyAll: true,
    needs: ["npm", ...servers, "node24", "http3", "pebble", "forky"],
    obstacle: bootObstacle("newest"),
  },
];

/** @param {Machine} machine */
function nixObstacle({ find, output, isRoot }) {
  const command = find("apt-get")
    ? `${isRoot ? "" : "sudo "}${installCommand(["nix-bin"])}`
    : `install Nix ${oldestNix} or later with this system's package manager`;
  const text = find("nix") && find("nix-instantiate") ? output("nix", ["--version"]) : undefined;
  if (text === undefined) return { reason: "Nix was not found", command };
  const [version = "0"] = /\d+\.\d+[\d.]*/.exec(text) ?? [];
  return isOlder(version, oldestNix)
    ? { reason: `this is Nix ${version}; the tests need ${oldestNix} or later`, command }
    : undefined;
}

/** How a person lets Nix find `<nixpkgs/lib>`. */
export const libCommand = "mkdir -p ~/.nix-defexpr/channels && ln -s /path/to/nixpkgs ~/.nix-defexpr/channels/nixpkgs";

/** @param {Machine} machine */
function libObstacle({ output }) {
  if (output("nix-instantiate", ["--eval", "-E", "<nixpkgs/lib>"]) !== undefined) return undefined;
  return { reason: "Nix does not find <nixpkgs/lib>", command: libCommand };
}

/** @param {Machine} machine */
function namespaceObstacle({ platform, find, output, isRoot }) {
  if (platform !== "linux")
    return { reason: `this is ${platform}, not Linux`, command: "run it on Linux, for example in a virtual machine" };
  // The set-up installs unshare, or says that it is missing.
  if (!find("unshare")) return undefined;
  const user = isRoot ? [] : ["--user", "--map-root-user"];
  const flags = [...user, "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net"];
  if (output("unshare", [...flags, "--", "true"]) !== undefined) return undefined;
  return { reason: "this system does not let this user make namespaces", command: namespaceRemedy(output, isRoot) };
}

// What systemd in a node needs: control groups of version 2, and an overlay in memory over a folder on disk.
const trialBoot =
  "mount -t tmpfs tmpfs /mnt && mkdir /mnt/c /mnt/u /mnt/w /mnt/r && mount -t cgroup2 cgroup2 /mnt/c && mkdir /mnt/c/lectern-trial && rmdir /mnt/c/lectern-trial && mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /mnt/r";

/** @type {(lane: string) => Lane["obstacle"]} */
function bootObstacle(lane) {
  return (machine) => {
    const { isRoot, find, output } = machine;
    if (machine.platform === "linux" && !isRoot)
      return { reason: "only root may boot systemd", command: `sudo npm run test:${lane}` };
    const obstacle = namespaceObstacle(machine);
    if (obstacle || !find("unshare")) return obstacle;
    const flags = ["--mount", "--net", "--uts", "--ipc", "--cgroup", "--pid", "--fork", "--kill-child"];
    if (output("unshare", [...flags, "--", "sh", "-c", trialBoot]) !== undefined) return undefined;
    return {
      reason: "this system does not allow control groups (cgroup2) and an overlay to be mounted in a namespace",
      command: "in a container, start it with --privileged",
    };
  };
}

/** @type {(output: Machine["output"], isRoot: boolean) => string} */
function namespaceRemedy(output, isRoot) {
  if (isRoot) return "start the container with --privileged";
  /** @type {readonly [name: string, open: string][]} */
  const switches = [
    ["unprivileged_userns_clone", "1"],
    ["apparmor_restrict_unprivileged_userns", "0"],
  ];
  const shut = switches.find(
    ([name, open]) => ![undefined, open].includes(output("cat", [`/proc/sys/kernel/${name}`])),
  );
  return shut ? `sudo sysctl -w kernel.${shut.join("=")}` : "sudo npm test";
}

/** @typedef {{ wantsHelp: boolean, isExhaustive: boolean, names: readonly string[] }} Arguments */

/**
 * Reads the command line. Throws SetupError (64) for an unknown option.
 * @param {readonly string[]} args
 * @returns {Arguments}
 */
export function readArguments(args) {
  const options = args.filter((word) => word.startsWith("-"));
  const unknown = options.filter((option) => !["--all", "--help", "-h"].includes(option));
  if (unknown.length > 0)
    throw new SetupError(`no such option: ${unknown.join(", ")}`, "see npm test -- --help", usageError);
  return {
    wantsHelp: options.some((option) => option !== "--all"),
    isExhaustive: options.includes("--all"),
    names: args.filter((word) => !word.startsWith("-")),
  };
}

/**
 * The lanes with these names, in the order of `lanes`. Without a name: all lanes, or those that run without `--all`.
 * Throws SetupError (64) for an unknown name.
 * @param {readonly string[]} names
 * @param {boolean} isExhaustive
 */
export function chooseLanes(names, isExhaustive) {
  const unknown = names.filter((name) => !lanes.some((lane) => lane.name === name));
  if (unknown.length > 0)
    throw new SetupError(
      `no such lane: ${unknown.join(", ")}`,
      `the lanes are ${lanes.map(({ name }) => name).join(", ")}`,
      usageError,
    );
  return lanes.filter(({ name, onlyAll }) => (names.length === 0 ? isExhaustive || !onlyAll : names.includes(name)));
}

/**
 * The lanes that LANES_REQUIRED names: a comma-separated list, or `all`.
 * @param {string | undefined} text
 */
export function requiredLanes(text) {
  const names = (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names.length === 0 ? [] : chooseLanes(names.includes("all") ? [] : names, true);
}
