import { access, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Front } from "../../../codegen/site/rules.ts";
import { codeOf } from "../../lib/error-cause.ts";
import { writeWhole } from "../../lib/whole-file.ts";

/** What the front includes for one door, given the door's present file. */
export type DoorText = (present: string | undefined) => string | Promise<string>;

/** The folder of one door, and the server that reads it. */
export interface DoorPlace {
  readonly folder: string;
  readonly front: Front;
}

const endings: Readonly<Record<Front, string>> = { caddy: "caddyfile", nginx: "nginx" };

/** The file that the front includes. While it is missing, the door is closed. */
const doorFile = ({ folder, front }: DoorPlace): string => join(folder, `door.${endings[front]}`);

/** What another front has read here before has no use any more, and it holds a secret. */
const formerFile = ({ folder, front }: DoorPlace): string =>
  doorFile({ folder, front: front === "caddy" ? "nginx" : "caddy" });

/** This file exists while the front may not have read the latest door file. */
const untoldFile = ({ folder }: DoorPlace): string => join(folder, "front-was-not-told");

/**
 * Writes the file that the front includes, readable for the folder's group. Resolves to whether the front must be reloaded; that
 * stays true until `doorWasTold`. Rejects with the system's error.
 */
export async function openDoor(place: DoorPlace, textFor: DoorText): Promise<boolean> {
  await rm(formerFile(place), { force: true });
  const present = await readFile(doorFile(place), "utf8").catch(absent);
  const text = await textFor(present);
  if (text === present) return isUntold(place);
  await writeWhole(untoldFile(place), "");
  await writeWhole(doorFile(place), text, { mode: 0o640 });
  return true;
}

/** The front has read what `openDoor` wrote. Rejects with the system's error. */
export const doorWasTold = (place: DoorPlace): Promise<void> => rm(untoldFile(place), { force: true });

/** After the front's next reload, the door lets nobody in. Rejects with the system's error. */
export async function closeDoor(place: DoorPlace): Promise<void> {
  await rm(formerFile(place), { force: true });
  await rm(doorFile(place), { force: true });
}

const isUntold = (place: DoorPlace): Promise<boolean> =>
  access(untoldFile(place)).then(
    () => true,
    (error: unknown) => absent(error) ?? false,
  );

function absent(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}
