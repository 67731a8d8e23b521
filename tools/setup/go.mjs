/**
 * An installed Go.
 * @typedef {object} Go
 * @property {string} program its path
 * @property {string} version as in `1.26.8`
 * @property {string} os
 * @property {string} arch
 * @property {string} toolchain GOTOOLCHAIN, which says whether it may fetch another version of itself
 * @property {readonly string[]} caches folders of modules and compiled packages
 */

const minimum = "1.24";
const names = ["GOVERSION", "GOOS", "GOARCH", "GOTOOLCHAIN", "GOMODCACHE", "GOCACHE"];

/**
 * The Go of this machine, undefined if none runs.
 * @param {Pick<import("./machine.mjs").Machine, "find" | "output">} machine
 * @returns {Go | undefined}
 */
export function findGo({ find, output }) {
  // Go's own archive is unpacked there. Only login shells have it on PATH.
  const program = find("go") ?? find("/usr/local/go/bin/go");
  const text = program && output(program, ["env", ...names]);
  if (!program || !text) return undefined;
  const [version = "", os = "", arch = "", toolchain = "", ...caches] = text.split("\n");
  return { program, version: numberOf(version), os, arch, toolchain, caches };
}

/** @param {string} version as in `go1.26.8`, `go1.24.4 X:nocoverageredesign`, `devel go1.27-a1b2c3 Thu` */
const numberOf = (version) => version.replace(/^.*\bgo(?=\d)/, "").replace(/[\s-].*$/, "");

/**
 * Why this Go cannot build a module that requires Go `wanted`; undefined if it can.
 * Since 1.21, Go fetches the version that a module requires, unless GOTOOLCHAIN names a version.
 * @param {Go | undefined} go
 * @param {string} wanted
 * @param {string} product the name of the module, for a person
 * @returns {string | undefined}
 */
export function whyNotThisGo(go, wanted, product = "Owncast") {
  if (!go) return `Go was not found (${minimum} or later builds ${product})`;
  if (isOlder(go.version, minimum))
    return `${go.program} is Go ${go.version}; building ${product} needs ${minimum} or later`;
  if (isOlder(go.version, wanted) && !/(^|\+)(auto|path)$/.test(go.toolchain))
    return `${go.program} is Go ${go.version}, and GOTOOLCHAIN=${go.toolchain} forbids it to fetch Go ${wanted}, which ${product} needs`;
  return undefined;
}

/**
 * Compares the numbers in versions: 1.9 is older than 1.24.
 * @param {string} version
 * @param {string} than
 */
export const isOlder = (version, than) => version.localeCompare(than, "en", { numeric: true }) < 0;
