import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { isExhaustive } from "./checks/lib/exhaustive.ts";
import { LongestFirst, ReportKeeper } from "./tools/lanes/keep-report.mjs";
import { ownNamespaces } from "./tools/lanes/own-namespaces.mjs";

// tsx would run cached code from a folder with a known name among temporary files, where another user can put files first.
process.env.TSX_DISABLE_CACHE = "1";

/** One project per lane of `npm test`, or per part of one (`newest-*`); `tools/test.mjs` runs them by name. Hang guards are generous: these are not benchmarks. */
const lane = (name: string, include: string[], seconds: number, pool: PoolOf, env = {}) => ({
  test: {
    name,
    include,
    env,
    pool,
    // Each file has a process of its own; only the many small ones of a sample share some.
    isolate: isExhaustive || name !== "unit",
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    // Concurrent tests of a file start whole demos. More than three, beside another file's, are too many for two processors.
    maxConcurrency: 3,
    setupFiles: ["checks/lib/process/run-typescript.ts"],
  },
});
type PoolOf = ReturnType<typeof ownNamespaces> | "forks";

// The tests of hosts' sites run Caddy by this name. The comparison of two versions needs both names.
const { CADDY: OLDEST_CADDY = "", NEWEST_CADDY = "", NEWEST_PROGRAMS = "", ROOTFS_FORKY = "", PATH = "" } = process.env;
// The Node of hosts keeps compiled modules there; Node 20 does not know it. In a node the folder has another path.
const compiled = { NODE_COMPILE_CACHE: join(import.meta.dirname, ".cache/compiled"), NODE_COMPILE_CACHE_PORTABLE: "1" };
const newestCaddy = { ...compiled, CADDY: NEWEST_CADDY, OLDEST_CADDY, LECTERN_FRONT: "caddy" };
// In a node, the program finds its own libraries.
const newestSystemd = { ...compiled, LECTERN_SUITE: "forky", CADDY: `${ROOTFS_FORKY}/usr/bin/caddy` };
const newestNix = { PATH: `${NEWEST_PROGRAMS}:${PATH}` };

// Unit tests open ports, and expect that no other process uses them.
const unit = ownNamespaces("loopback");
// npm and Nix may fetch.
const tools = ownNamespaces("machine");
const servers = ownNamespaces("loopback", { needsRoot: true });
const browser = ownNamespaces("online", { needsRoot: true });
// Nodes have namespaces of their own, and clean up if a test file is killed.
const nodes = "forks";

export default defineConfig({
  test: {
    // Tests wait for streams more than they compute, those of a sample most.
    maxWorkers: Math.min(4, availableParallelism() + (isExhaustive ? 1 : 2)),
    sequence: { sequencer: LongestFirst },
    reporters: process.env.LECTERN_RUN ? ["default", new ReportKeeper()] : ["default"],
    projects: [
      lane("unit", ["{codegen,src,tools,bench,checks/lib}/**/*.test.ts"], 60, unit),
      lane("drift", ["checks/drift/**/*.test.ts"], 300, tools),
      lane("flake", ["checks/flake/**/*.test.ts"], 300, tools),
      lane("eval", ["checks/eval/**/*.test.ts"], 300, tools),
      lane("vm", ["checks/vm/**/*.test.ts"], 300, tools),
      lane("e2e", ["checks/{captions,demo,host,owncast,site,speech,stream}/**/*.test.ts"], 600, servers, compiled),
      lane(
        "newest-caddy",
        [
          "checks/newest-caddy/**/*.test.ts",
          "checks/site/{golden-site*,certificates-come-by-acme,viewers-are-answered-over-http3}.test.ts",
        ],
        600,
        servers,
        newestCaddy,
      ),
      lane("browser", ["checks/page/**/*.test.ts"], 600, browser),
      lane("systemd", ["checks/systemd/*.test.ts"], 600, nodes, { ...compiled, LECTERN_SUITE: "trixie" }),
      lane("newest-nix", ["checks/flake/**/*.test.ts"], 300, tools, newestNix),
      // Only the tests that depend on systemd's own behaviour. The systemd lane runs all tests under Debian 13's systemd.
      lane(
        "newest-systemd",
        [
          "checks/systemd/{a-host-boots-closed-and-comes-back,bootstrap-heals-by-itself,a-node-leaves-nothing-behind}.test.ts",
        ],
        600,
        nodes,
        newestSystemd,
      ),
    ],
  },
});
