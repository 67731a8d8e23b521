import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";

const lockTimeoutSeconds = 300;
const quietly = {
  LC_ALL: "C",
  DEBIAN_FRONTEND: "noninteractive",
  // Ubuntu's needrestart would restart services of this machine after an installation.
  NEEDRESTART_SUSPEND: "1",
};

/**
 * Installs packages and fetches Caddy; package lists are refreshed at most once, and only when they do not do.
 * @param {{ isRoot: boolean, signal: AbortSignal }} options
 */
export function debian({ isRoot, signal }) {
  let isFresh = false;
  const run = (/** @type {readonly string[]} */ args, /** @type {string} */ remedy, /** @type {string} */ cwd = "/") =>
    // Stopped in the middle of an installation, apt-get lets dpkg finish the package at hand.
    runCommand("apt-get", [`-oDPkg::Lock::Timeout=${lockTimeoutSeconds}`, "-oAPT::Sandbox::User=root", ...args], {
      signal,
      cwd,
      env: quietly,
      finishesItself: true,
      remedy,
    });
  /** @type {typeof run} */
  const apt = async (args, remedy, cwd) => {
    try {
      return await run(args, remedy, cwd);
    } catch (error) {
      if (!(error instanceof SetupError) || isFresh || !isRoot) throw error;
    }
    await run(["update"], "check that the package sources in /etc/apt can be reached");
    isFresh = true;
    return run(args, remedy, cwd);
  };
  return {
    /** @param {readonly string[]} packages none of them may bring a service */
    install: (packages) =>
      apt(
        ["install", "-y", "--no-install-recommends", ...packages],
        `see why \`apt-get install ${packages.join(" ")}\` fails`,
      ),
    /**
     * Unpacks Caddy to `target`. Its package is never installed: that would start a public web server on port 80.
     * @param {string} target
     * @param {import("../process/lock.mjs").LockOptions} options
     */
    fetchCaddy: (target, options) =>
      makeOnce(target, options, async (workshop) => {
        const advice = isRoot ? "" : "run `sudo apt-get update`, ";
        await apt(["download", "caddy"], `${advice}or set CADDY to an existing Caddy 2.6 or later`, workshop);
        const archive = readdirSync(workshop).find((name) => name.endsWith(".deb"));
        if (!archive) throw new SetupError("apt-get downloaded no Caddy package", "set CADDY to an existing program");
        const root = join(workshop, "root");
        mkdirSync(root);
        await runCommand("dpkg-deb", ["-x", archive, root], { signal, cwd: workshop });
        const program = join(root, "usr/bin/caddy");
        chmodSync(program, 0o755);
        return program;
      }),
  };
}
