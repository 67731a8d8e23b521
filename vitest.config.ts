import { defineConfig } from "vitest/config";

// tsx would run what it finds in a folder of a known name among temporary files, which another user can have put there.
process.env.TSX_DISABLE_CACHE = "1";

/** One project per lane of `npm test`, or per part of one (`newest-*`); `tools/test.mjs` runs them by name. Hang guards are generous: these are not benchmarks. */
const lane = (name: string, include: string[], seconds: number, serial = false, env = {}) => ({
  test: {
    name,
    include,
    env,
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    // Programs that a test starts in this process's place (src/local/) are run as it is run.
    execArgv: ["--import", "tsx"],
    ...(serial ? { fileParallelism: false } : {}),
  },
});

// The tests of hosts' sites run Caddy by this name; what compares the two needs both.
const { CADDY: OLDEST_CADDY = "", NEWEST_CADDY = "", NEWEST_PROGRAMS = "", ROOTFS_FORKY = "", PATH = "" } = process.env;
const newestCaddy = { CADDY: NEWEST_CADDY, OLDEST_CADDY };
// In a node the program finds the libraries that it was built with.
const newestSystemd = { LECTERN_SUITE: "forky", CADDY: `${ROOTFS_FORKY}/usr/bin/caddy` };
const newestNix = { PATH: `${NEWEST_PROGRAMS}:${PATH}` };

export default defineConfig({
  test: {
    projects: [
      lane("unit", ["{codegen,src,tools,bench,checks/lib}/**/*.test.ts"], 60),
      lane("drift", ["checks/drift/**/*.test.ts"], 120),
      lane("flake", ["checks/flake/**/*.test.ts"], 120, true),
      lane("eval", ["checks/eval/**/*.test.ts"], 120),
      lane("vm", ["checks/vm/**/*.test.ts"], 120, true),
      lane("e2e", ["checks/{demo,host,owncast,site,stream}/**/*.test.ts"], 600, true),
      lane(
        "newest-caddy",
        [
          "checks/newest-caddy/**/*.test.ts",
          "checks/site/{golden-site*,certificates-come-by-acme,viewers-are-answered-over-http3}.test.ts",
        ],
        600,
        true,
        newestCaddy,
      ),
      lane("browser", ["checks/page/**/*.test.ts"], 600, true),
      lane("systemd", ["checks/systemd/*.test.ts"], 600, true, { LECTERN_SUITE: "trixie" }),
      lane("newest-nix", ["checks/flake/**/*.test.ts"], 120, true, newestNix),
      // What systemd itself promises to the units; the rest is proven under Debian 13's.
      lane(
        "newest-systemd",
        [
          "checks/systemd/{first-boot-is-closed,bootstrap-heals-by-itself,the-server-comes-back,a-node-leaves-nothing-behind}.test.ts",
        ],
        600,
        true,
        newestSystemd,
      ),
    ],
  },
});
