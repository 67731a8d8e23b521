import { existsSync } from "node:fs";
import { cargoProgramNames, cargoPrograms, surveyCargoPrograms } from "../cargo/programs.mjs";
import { goProgramNames, goPrograms, surveyGoPrograms } from "../go/programs.mjs";
import { surveyNginx } from "../nginx/unpack.mjs";
import { node24Path } from "../node24/fetch.mjs";
import { surveyOwncast } from "../owncast/build.mjs";
import { pythonEnvironmentPath } from "../python/environment.mjs";
import { surveyRootfs } from "../rootfs/make.mjs";
import { suites } from "../rootfs/recipe.mjs";
import { soundsPath } from "../speech/sounds.mjs";
import { caddyPath } from "./debian.mjs";
import { cacheFolder } from "./machine.mjs";
import { arePackagesCurrent } from "./npm-packages.mjs";

/**
 * Something that the demo or a lane needs: npm packages, a server, the commands that make namespaces, the checks of Python, speech engines and a voice, applause and music, a browser,
 * the Node of hosts, a program of the tests, a check of Nix files, or a root file system to boot.
 * @typedef {"npm" | "owncast" | "caddy" | "nginx" | "ffmpeg" | "namespaces" | "python" | "speech" | "sounds" | "chromium" | "node24" | import("../go/programs.mjs").GoProgram | import("../cargo/programs.mjs").CargoProgram | import("../rootfs/recipe.mjs").Suite} Need
 */

/** @typedef {import("../process/errors.mjs").Problem} Problem */

/**
 * What the set-up has to do on this machine.
 * @typedef {object} Work
 * @property {readonly string[]} packages Debian packages to install
 * @property {string | undefined} caddy its path
 * @property {ReturnType<typeof surveyNginx>} nginx its path, and the mirror
 * @property {{ target: string, go: import("./go.mjs").Go } | undefined} owncast its path, and the Go that builds it
 * @property {boolean} npm
 * @property {boolean} python whether to install its packages
 * @property {boolean} speech whether to install the speech engines
 * @property {string | undefined} sounds their folder
 * @property {boolean} chromium whether to install Debian's package
 * @property {string | undefined} node24 its path
 * @property {readonly import("../go/programs.mjs").GoWork[]} goPrograms what to build, and its path
 * @property {ReturnType<typeof surveyCargoPrograms>} cargoPrograms what to build, and its path
 * @property {readonly { suite: import("../rootfs/recipe.mjs").Suite, target: string, mirror: string }[]} rootfs what to make, its path, and the mirror
 */

const debianPackages = [
  { name: "ffmpeg", need: "ffmpeg", programs: ["ffmpeg"] },
  { name: "iproute2", need: "namespaces", programs: ["ip"] },
  { name: "util-linux", need: "namespaces", programs: ["unshare", "nsenter", "flock"] },
];

/**
 * Compares the needs with this machine. Changes nothing.
 * @param {readonly Need[]} needs
 * @param {import("./machine.mjs").Machine} machine
 * @param {string} tree the checkout
 * @returns {{ problems: readonly Problem[], work: Work }}
 */
export function survey(needs, machine, tree) {
  const named = namedPrograms(needs, machine);
  const wants = (/** @type {Need} */ need) => needs.includes(need) && !named.variables.has(need);
  const owncast = wants("owncast") ? surveyOwncast(machine) : { problems: [], packages: [], work: undefined };
  const goWork = surveyGoPrograms(goProgramNames.filter(wants), machine);
  const rootfs = surveyRootfs(suites.filter(wants), machine);
  const packages = [
    ...debianPackages
      .filter(({ need, programs }) => wants(/** @type {Need} */ (need)) && !programs.every(machine.find))
      .map(({ name }) => name),
    ...owncast.packages,
    ...((wants("python") || wants("speech")) && pythonVersion(machine) === undefined ? ["python3-venv"] : []),
    // The voice is needed also if a variable names the engines.
    ...(needs.includes("speech") && !machine.find("flite") ? ["flite"] : []),
    // Captions are translated in tests.
    ...(needs.includes("speech") && !machine.find("apertium") ? ["apertium", "apertium-eng-spa"] : []),
    ...rootfs.packages,
  ];
  const chromium = wants("chromium") && !machine.find("chromium");
  const caddy = wants("caddy") && !machine.find("caddy") ? missing(caddyPath(machine.env)) : undefined;
  const node24 = wants("node24") ? missing(node24Path(cacheFolder(machine.env))) : undefined;
  return {
    problems: [
      ...platformProblems(machine),
      ...named.problems,
      ...owncast.problems,
      ...goWork.problems,
      ...rootfs.problems,
      ...packageProblems([...packages, ...(chromium ? ["chromium"] : [])], machine),
      ...(caddy && !machine.find("apt-get") ? [noCaddy] : []),
    ],
    work: {
      packages,
      caddy,
      nginx: wants("nginx") ? surveyNginx(machine) : undefined,
      owncast: owncast.work,
      npm: wants("npm") && !arePackagesCurrent(tree),
      python: wants("python") && !hasPythonEnvironment("python", machine),
      speech: wants("speech") && !hasPythonEnvironment("speech", machine),
      sounds: wants("sounds") && machine.find("apt-get") ? missing(soundsPath(cacheFolder(machine.env))) : undefined,
      chromium,
      node24,
      goPrograms: goWork.work,
      cargoPrograms: surveyCargoPrograms(cargoProgramNames.filter(wants), machine, cacheFolder(machine.env)),
      rootfs: rootfs.work,
    },
  };
}

/** @typedef {"owncast" | "caddy" | "nginx" | "ffmpeg" | "chromium" | "speech" | keyof typeof goPrograms | keyof typeof cargoPrograms} Nameable */

/**
 * The variable that names an existing program, by need.
 * @type {Readonly<Record<Nameable, string>>}
 */
export const variables = {
  ...{ owncast: "OWNCAST", caddy: "CADDY", nginx: "NGINX", ffmpeg: "FFMPEG", chromium: "CHROMIUM" },
  speech: "SPEECH",
  ...variablesOf(goPrograms),
  ...variablesOf(cargoPrograms),
};

/**
 * @template {string} Name
 * @param {Readonly<Record<Name, { variable: string }>>} programs
 */
function variablesOf(programs) {
  const named = Object.entries(programs).map(([name, { variable }]) => [name, variable]);
  return /** @type {Record<Name, string>} */ (Object.fromEntries(named));
}

/** The needs whose program a variable can name. */
export const nameable = /** @type {Nameable[]} */ (Object.keys(variables));

/** @type {(needs: readonly Need[], machine: import("./machine.mjs").Machine) => { variables: Set<Need>, problems: Problem[] }} */
function namedPrograms(needs, { env, find }) {
  const set = nameable.filter((need) => needs.includes(need) && env[variables[need]]);
  const wrong = set.filter((need) => !find(env[variables[need]] ?? ""));
  return {
    variables: new Set(set),
    problems: wrong.map((need) => ({
      what: `${variables[need]}=${env[variables[need]]} is not an executable program`,
      remedy: `correct ${variables[need]}, or unset it, so that the set-up provides the program`,
    })),
  };
}

/**
 * The version of a Python that can make virtual environments; undefined without one.
 * @param {import("./machine.mjs").Machine} machine
 */
export const pythonVersion = ({ output }) =>
  output("python3", ["-c", "import ensurepip, platform, venv; print(platform.python_version())"]);

/** @type {(name: import("../python/environment.mjs").PythonEnvironment, machine: import("./machine.mjs").Machine) => boolean} */
function hasPythonEnvironment(name, machine) {
  const version = pythonVersion(machine);
  return version !== undefined && existsSync(pythonEnvironmentPath(name, cacheFolder(machine.env), version));
}

/** @param {string} path */
const missing = (path) => (existsSync(path) ? undefined : path);

/** @type {(machine: import("./machine.mjs").Machine) => Problem[]} */
function platformProblems({ platform }) {
  if (platform === "linux") return [];
  return [
    {
      what: `this is ${platform}; lectern needs namespaces, which only Linux has`,
      remedy: "run it on Linux, for example in a virtual machine",
    },
  ];
}

/** @type {(packages: readonly string[], machine: import("./machine.mjs").Machine) => Problem[]} */
function packageProblems(packages, { isRoot, find }) {
  if (packages.length === 0 || (isRoot && find("apt-get"))) return [];
  const names = packages.join(" ");
  const named = nameable.filter((need) => packages.includes(need));
  const orElse = named.map((need) => ` (or set ${variables[need]} to an existing ${need})`).join("");
  return [
    find("apt-get")
      ? {
          what: `not installed: ${names}; only root may install them`,
          remedy: `sudo ${installCommand(packages)}${orElse}`,
        }
      : {
          what: `not installed: ${names} (as Debian calls them; this system has no apt-get)`,
          remedy: `install them with this system's package manager${orElse}`,
        },
  ];
}

/** @param {readonly string[]} packages */
export const installCommand = (packages) => `apt-get install -y --no-install-recommends ${packages.join(" ")}`;

/** @type {Problem} */
const noCaddy = {
  what: "Caddy was not found, and this system has no apt-get to fetch it",
  remedy: "install Caddy 2.6 or later (its service is not needed), or set CADDY to an existing program",
};
