import { access, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";
import { writeWhole } from "../../lib/whole-file.ts";

/** What Caddy imports for one door, given the door's present file. */
export type DoorText = (present: string | undefined) => string | Promise<string>;

/** The file that Caddy imports. While it is missing, the door is closed. */
const doorFile = (folder: string): string => join(folder, "door.caddyfile");

/** This file exists while Caddy may not have read the latest door file. */
const untoldFile = (folder: string): string => join(folder, "caddy-was-not-told");

/**
 * Writes the file that Caddy imports, readable for the folder's group. Resolves to whether Caddy must be reloaded; that stays
 * true until `doorWasTold`. Rejects with the system's error.
 */
export async function openDoor(folder: string, textFor: DoorText): Promise<boolean> {
  const present = await readFile(doorFile(folder), "utf8").catch(absent);
  const text = await textFor(present);
  if (text === present) return isUntold(folder);
  await writeWhole(untoldFile(folder), "");
  await writeWhole(doorFile(folder), text, { mode: 0o640 });
  return true;
}

/** Caddy has read what `openDoor` wrote. Rejects with the system's error. */
export const doorWasTold = (folder: string): Promise<void> => rm(untoldFile(folder), { force: true });

/** After Caddy's next reload, the door lets nobody in. Rejects with the system's error. */
export const closeDoor = (folder: string): Promise<void> => rm(doorFile(folder), { force: true });

const isUntold = (folder: string): Promise<boolean> =>
  access(untoldFile(folder)).then(
    () => true,
    (error: unknown) => absent(error) ?? false,
  );

function absent(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}
