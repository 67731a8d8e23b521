/**
 * An installed Go.
 * @typedef {object} Go
 * @property {string} program its path
 * @property {string} version as in `1.26.8`
 * @property {string} os
 * @property {string} arch
 * @property {string} toolchain GOTOOLCHAIN: whether it may fetch another version of itself
 * @property {readonly string[]} caches where it keeps modules and compiled packages
 */

const minimum = "1.24";
const names = ["GOVERSION", "GOOS", "GOARCH", "GOTOOLCHAIN", "GOMODCACHE", "GOCACHE"];

/**
 * The Go of this machine, undefined if there is none that runs.
 * @param {Pick<import("./machine.mjs").Machine, "find" | "output">} machine
 * @returns {Go | undefined}
 */
export function findGo({ find, output }) {
  // Where Go's own archive is unpacked; login shells know it, others do not.
  const program = find("go") ?? find("/usr/local/go/bin/go");
  const text = program && output(program, ["env", ...names]);
  if (!program || !text) return undefined;
  const [version = "", os = "", arch = "", toolchain = "", ...caches] = text.split("\n");
  return { program, version: numberOf(version), os, arch, toolchain, caches };
}

/** @param {string} version as in `go1.26.8`, `go1.24.4 X:nocoverageredesign`, `devel go1.27-a1b2c3 Thu` */
const numberOf = (version) => version.replace(/^.*\bgo(?=\d)/, "").replace(/[\s-].*$/, "");

/**
 * Why this Go cannot build a module that asks for `wanted`; undefined if it can.
 * From 1.21 on Go fetches the version that a module asks for, unless GOTOOLCHAIN names one.
 * @param {Go | undefined} go
 * @param {string} wanted
 * @param {string} product what is to be built, for a person
 * @returns {string | undefined}
 */
export function whyNotThisGo(go, wanted, product = "Owncast") {
  if (!go) return `Go was not found (${minimum} or later builds ${product})`;
  if (isOlder(go.version, minimum))
    return `${go.program} is Go ${go.version}; building ${product} takes ${minimum} or later`;
  if (isOlder(go.version, wanted) && !/(^|\+)(auto|path)$/.test(go.toolchain))
    return `${go.program} is Go ${go.version}, and GOTOOLCHAIN=${go.toolchain} forbids it to fetch the ${wanted} that builds ${product}`;
  return undefined;
}

/**
 * Compares versions number by number; `1.25rc1` counts as `1.25`.
 * @param {string} version
 * @param {string} than
 */
export function isOlder(version, than) {
  const [have, want] = [numbers(version), numbers(than)];
  const at = want.findIndex((number, index) => number !== (have[index] ?? 0));
  return at !== -1 && (have[at] ?? 0) < (want[at] ?? 0);
}

/** @param {string} version */
const numbers = (version) => version.split(".").map((part) => Number.parseInt(part, 10) || 0);
