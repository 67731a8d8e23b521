import { scrypt } from "node:crypto";
import { access, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { hash } from "bcryptjs";
import { codeOf } from "../../lib/error-cause.ts";
import { writeWhole } from "../../lib/whole-file.ts";
import { cookieName, viewerName } from "../../viewer/viewer-credentials.ts";

// Each wrong password costs 6 ms of processor time, on a machine that also encodes; see ADR 25.
const bcryptCost = 6;

/** The file that makes Caddy ask for a password; caddy/private.caddyfile imports it. */
const doorFile = (folder: string): string => join(folder, "door.caddyfile");

/** This file exists while Caddy may not have read the latest door file. */
const untoldFile = (folder: string): string => join(folder, "caddy-was-not-told");

/**
 * Lets viewers in by this password: writes the file that Caddy imports, readable for the folder's group. Resolves to whether Caddy
 * must be reloaded; that stays true until `doorWasTold`. Rejects with the system's error.
 */
export async function openDoor(folder: string, password: string): Promise<boolean> {
  const cookie = await cookieFor(password);
  const present = await readFile(doorFile(folder), "utf8").catch(absent);
  const [presentHash] = /\$2[aby]\$[^"\s]+/.exec(present ?? "") ?? [];
  if (presentHash !== undefined && present === doorText(cookie, presentHash)) return isUntold(folder);
  await writeWhole(untoldFile(folder), "");
  await writeWhole(doorFile(folder), doorText(cookie, await hash(password, bcryptCost)), { mode: 0o640 });
  return true;
}

/** Caddy has read what `openDoor` wrote. Rejects with the system's error. */
export const doorWasTold = (folder: string): Promise<void> => rm(untoldFile(folder), { force: true });

/** After Caddy's next reload, no password lets anybody in. Rejects with the system's error. */
export const closeDoor = (folder: string): Promise<void> => rm(doorFile(folder), { force: true });

const isUntold = (folder: string): Promise<boolean> =>
  access(untoldFile(folder)).then(
    () => true,
    (error: unknown) => absent(error) ?? false,
  );

function absent(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

/**
 * The value of a viewer's cookie. It depends on the password only, so it survives a restart. Guessing the password from it costs
 * more than guessing it from the hash.
 */
async function cookieFor(password: string): Promise<string> {
  const options = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 };
  const derive = promisify<string, string, number, object, Buffer>(scrypt);
  return (await derive(password, "the cookie of a private stage's viewers", 32, options)).toString("base64url");
}

const doorText = (cookie: string, passwordHash: string): string => `# Written by lectern viewers-door.
vars {
	lectern_door password
	lectern_cookie ${cookie}
}
@lecternKnown vars {http.request.cookie.${cookieName}} ${cookie}
vars @lecternKnown lectern_viewer known
basicauth @shows bcrypt "Private stage. User name: ${viewerName}" {
	${viewerName} "${passwordHash}"
}
`;
