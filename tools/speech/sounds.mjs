import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";

/** The Debian package whose applause and music the speech tests hear. */
export const soundsPackage = "frozen-bubble-data";
const insidePackage = "usr/share/games/frozen-bubble/snd";

/**
 * The folder of the sounds, unpacked or not.
 * @param {string} cache
 */
export const soundsPath = (cache) => join(cache, "sounds", soundsPackage);

/**
 * Unpacks the sounds; their package is not installed. If it cannot be fetched, it only says that the tests are skipped.
 * @param {string} target from soundsPath
 * @param {(name: string, remedy: string, cwd: string) => Promise<unknown>} download fetches a package into a folder
 * @param {import("../process/lock.mjs").LockOptions} options
 */
export async function unpackSounds(target, download, { signal, onWait }) {
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    await download(soundsPackage, `see why \`apt-get download ${soundsPackage}\` fails`, workshop);
    const archive = readdirSync(workshop).find((file) => file.endsWith(".deb")) ?? "";
    const root = join(workshop, "root");
    mkdirSync(root);
    await runCommand("dpkg-deb", ["-x", archive, root], { signal, cwd: workshop });
    const sounds = join(workshop, "sounds");
    renameSync(join(root, insidePackage), sounds);
    return sounds;
  }).catch((error) => {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n  applause and music cannot be unpacked, so their tests are skipped: ${error.message}\n`);
  });
}
