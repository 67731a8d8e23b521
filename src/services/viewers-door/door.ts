import { scrypt } from "node:crypto";
import { access, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { hash } from "bcryptjs";
import { codeOf } from "../../lib/error-cause.ts";
import { writeWhole } from "../../lib/whole-file.ts";
import { cookieName, viewerName } from "../../viewer/viewer-credentials.ts";

// 6 ms of processor for each wrong password that a stranger sends, on a machine that encodes; see ADR 25.
const bcryptCost = 6;

/** What a folder has to hold for Caddy to ask for a password: one file, which caddy/private.caddyfile imports. */
const doorFile = (folder: string): string => join(folder, "door.caddyfile");

/** Lies beside the door from before it changes until Caddy has read it. */
const untoldFile = (folder: string): string => join(folder, "caddy-was-not-told");

/**
 * Lets viewers in by this password: writes what Caddy imports, readable for the folder's group, replaced whole.
 * Resolves to whether Caddy has to be told, until `doorWasTold`. Rejects with the system's error.
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

/** Lets nobody in by a password, once Caddy has been told. Rejects with the system's error. */
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
 * What a viewer's cookie holds: the same after a restart, another one for another password. As costly to turn back into the
 * password as the hash is, and more.
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
