import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { median, times } from "./measure.mjs";

const hostOf = `
  { root, count }:
  let
    tests = import (/. + root + "/checks/eval/lib") { libPath = <nixpkgs/lib>; };
    inherit (tests) lib lectern nixos build;
    stage = index: lib.nameValuePair "s\${toString index}" {
      domain = "s\${toString index}.test";
      seed = /. + root + "/generated/seeds/live/main.json";
      ports.web = 20000 + index;
      ports.rtmp = 30000 + index;
      ports.owncastRtmp = 40000 + index;
    };
  in
  build (nixos [
    lectern
    { services.lectern = { enable = true; stages = lib.listToAttrs (lib.genList stage count); }; }
  ])
`;

/** Prints the cost of a host's evaluation by its number of stages, and the exposure of each unit. Needs Nix; scores need systemd. */
export function benchNixos() {
  const one = evaluate(1);
  for (const count of [1, 10, 100]) {
    const seconds = count === 1 ? one : evaluate(count);
    console.log(`nixos: ${count} stages evaluate in ${seconds.toFixed(2)} s of processor, ${times(seconds / one)}`);
  }
  const folder = "checks/golden/one/units";
  for (const unit of readdirSync(folder).filter((name) => name.endsWith(".service")))
    console.log(`  ${unit}: ${exposure(join(folder, unit))} of 10`);
}

/**
 * Seconds of processor, median of three.
 * @param {number} count
 */
function evaluate(count) {
  const args = ["--argstr", "root", process.cwd(), "--arg", "count", `${count}`, "--expr", hostOf];
  const runs = [1, 2, 3].map(() => {
    const { status, stderr } = spawnSync("nix-instantiate", ["--store", "dummy://", "--eval", "--strict", ...args], {
      encoding: "utf8",
      env: { ...process.env, NIX_SHOW_STATS: "1", NIX_CONFIG: `${process.env.NIX_CONFIG ?? ""}\nbuild-users-group =` },
    });
    if (status !== 0) throw new Error(stderr);
    return Number(JSON.parse(stderr.slice(stderr.indexOf("{"))).cpuTime);
  });
  return median(runs);
}

/** @param {string} file */
function exposure(file) {
  const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", file], {
    encoding: "utf8",
  });
  return /exposure level for .*: ([\d.]+)/.exec(stdout ?? "")?.[1] ?? "?";
}
