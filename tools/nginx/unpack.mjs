import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SetupError } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";
import { findMirror } from "../rootfs/mirror.mjs";
import { cacheFolder } from "../setup/machine.mjs";

// NixOS has a newer nginx than Debian 12 (`http2 on` needs 1.25.1). This suite moves: the set-up takes what it has that day, and keeps it.
const suite = "forky";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const script = fileURLToPath(new URL("run-nginx.sh", import.meta.url));

/** What the tests say when there is no such nginx: the thing, and the command that brings it. */
export const nginxLack = "an nginx of 1.25.1 or later → NGINX=/path/to/nginx npm test";

/**
 * The path of Debian forky's nginx, unpacked or not. Its folder has all that it needs (`bin`, `conf`, `lib`, `libexec`), and runs from
 * any place. The path differs by recipe.
 * @param {string} cache
 */
export function nginxPath(cache) {
  const recipe = JSON.stringify([
    suite,
    process.arch,
    aptSettings(""),
    takeNginx.toString(),
    readFileSync(script, "utf8"),
  ]);
  const hash = createHash("sha256").update(recipe).digest("hex").slice(0, 16);
  return join(cache, "nginx", `${suite}-${hash}`, "root/bin/nginx");
}

/**
 * What must be unpacked, and the mirror for it; undefined if it is there, or if this machine's apt cannot fetch it. Changes nothing.
 * @param {import("../setup/machine.mjs").Machine} machine
 * @returns {{ target: string, mirror: string } | undefined}
 */
export function surveyNginx(machine) {
  const target = nginxPath(cacheFolder(machine.env));
  if (existsSync(target) || !machine.find("apt-get")) return undefined;
  const mirror = findMirror(machine, suite);
  return mirror === undefined ? undefined : { target, mirror };
}

/**
 * Unpacks nginx and its libraries if it is missing. Any user may do so: apt keeps its lists in the new folder, installs nothing, and
 * checks Debian's signature. A failure is only printed, because the other tests work without nginx.
 * @param {{ target: string, mirror: string }} work from surveyNginx
 * @param {import("../process/lock.mjs").LockOptions} options
 */
export async function unpackNginx(work, options) {
  await fetchNginx(work, options).catch((error) => {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n  nginx cannot be unpacked, so its tests are skipped: ${error.message}\n`);
  });
}

/**
 * Like unpackNginx, but rejects with SetupError if it fails.
 * @type {typeof unpackNginx}
 */
export async function fetchNginx({ target, mirror }, { signal, onWait }) {
  await makeOnce(dirname(dirname(target)), { signal, onWait }, async (workshop) => {
    const remedy = `the mirror is one of those in /etc/apt: check that it serves ${suite}, with Debian's keys in debian-archive-keyring; or set NGINX to an existing nginx`;
    const run = (/** @type {string} */ program, /** @type {readonly string[]} */ args) =>
      runCommand(program, args, { signal, cwd: workshop, remedy, env: { LC_ALL: "C" } });
    for (const folder of ["lists/partial", "archives/partial", "unpacked"])
      mkdirSync(join(workshop, folder), { recursive: true });
    writeFileSync(join(workshop, "installed"), "");
    writeFileSync(join(workshop, "sources.list"), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
    writeFileSync(join(workshop, "apt.conf"), aptSettings(workshop));
    const apt = ["--config-file", "apt.conf"];
    await run("apt-get", [...apt, "update"]);
    // Without any installed package, apt fetches each library, down to the C library.
    await run("apt-get", [...apt, "install", "-y", "--download-only", "--no-install-recommends", "nginx"]);
    const unpacked = join(workshop, "unpacked");
    for (const file of readdirSync(join(workshop, "archives")).filter((name) => name.endsWith(".deb")))
      await run("dpkg-deb", ["-x", join(workshop, "archives", file), unpacked]);
    const root = join(workshop, "root");
    takeNginx(unpacked, root);
    await run(join(root, "bin/nginx"), ["-V"]);
    return root;
  });
}

/**
 * The settings of an apt that keeps everything in its own folder, and has installed nothing.
 * @param {string} folder
 */
const aptSettings = (folder) => `Dir::State "${folder}";
Dir::State::Lists "${folder}/lists";
Dir::State::status "${folder}/installed";
Dir::Cache "${folder}";
Dir::Cache::archives "${folder}/archives";
Dir::Etc::SourceList "${folder}/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Retries "1";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
// An old state of the mirror is good enough.
Acquire::Check-Valid-Until "false";
`;

/**
 * Copies what nginx needs from the unpacked packages.
 * @param {string} unpacked
 * @param {string} root
 */
function takeNginx(unpacked, root) {
  const libraries = readdirSync(join(unpacked, "usr/lib")).find((name) => name.endsWith("-linux-gnu"));
  if (libraries === undefined) throw new SetupError(`${suite}'s packages have no folder of libraries`);
  const isNeeded = (/** @type {string} */ name) => /\.so(\.|$)/.test(name);
  for (const name of readdirSync(join(unpacked, "usr/lib", libraries)).filter(isNeeded))
    cpSync(join(unpacked, "usr/lib", libraries, name), join(root, "lib", name), { verbatimSymlinks: true });
  for (const [from, to] of /** @type {const} */ ([
    [join(unpacked, "usr/sbin/nginx"), "libexec/nginx"],
    [join(unpacked, "etc/nginx/mime.types"), "conf/mime.types"],
    [join(unpacked, "etc/nginx/fastcgi.conf"), "conf/fastcgi.conf"],
    [join(unpacked, "etc/nginx/uwsgi_params"), "conf/uwsgi_params"],
    [script, "bin/nginx"],
  ]))
    cpSync(from, join(root, to));
}
