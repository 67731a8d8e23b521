import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";
import { cacheFolder } from "./machine.mjs";

const lockTimeoutSeconds = 300;
const quietly = {
  LC_ALL: "C",
  DEBIAN_FRONTEND: "noninteractive",
  // After an installation, Ubuntu's needrestart would restart services of this machine.
  NEEDRESTART_SUSPEND: "1",
};

/**
 * Installs and unpacks packages. Refreshes the package lists once if the first attempt fails.
 * @param {{ isRoot: boolean, signal: AbortSignal }} options
 */
export function debian({ isRoot, signal }) {
  let isFresh = false;
  const run = (/** @type {readonly string[]} */ args, /** @type {string} */ remedy, /** @type {string} */ cwd = "/") =>
    // If apt-get is interrupted, it lets dpkg finish the current package.
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
  /** Fetches a package into a folder. Nothing is installed. @type {(name: string, remedy: string, cwd: string) => Promise<unknown>} */
  const download = (name, remedy, cwd) => apt(["download", name], remedy, cwd);
  return {
    /** @param {readonly string[]} packages none may contain a service */
    install: (packages) =>
      apt(
        ["install", "-y", "--no-install-recommends", ...packages],
        `see why \`apt-get install ${packages.join(" ")}\` fails`,
      ),
    download,
    /**
     * Unpacks Caddy to `target`. Its package is not installed, because an installation would start a public web server on port 80.
     * @param {string} target from caddyPath
     * @param {import("../process/lock.mjs").LockOptions} options
     */
    unpackCaddy: (target, options) =>
      makeOnce(target, options, async (workshop) => {
        const program = "usr/bin/caddy";
        const instead = "set CADDY to an existing Caddy 2.6 or later";
        await download("caddy", `${isRoot ? "" : "run `sudo apt-get update`, or "}${instead}`, workshop);
        const archive = readdirSync(workshop).find((file) => file.endsWith(".deb"));
        if (!archive) throw new SetupError(`apt-get downloaded no package caddy`, instead);
        const root = join(workshop, "root");
        mkdirSync(root);
        await runCommand("dpkg-deb", ["-x", archive, root], { signal, cwd: workshop });
        chmodSync(join(root, program), 0o755);
        return join(root, program);
      }),
  };
}

/**
 * Where Debian's Caddy is, unpacked or not. The path differs by Debian release and architecture.
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function caddyPath(env) {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const [, codename = "unknown"] = /^VERSION_CODENAME=(\S+)$/m.exec(release) ?? [];
  return join(cacheFolder(env), "caddy", `${codename}-${process.arch}`, "caddy");
}
