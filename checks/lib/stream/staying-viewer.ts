import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Part } from "../../../src/local/part.ts";
import { runTypeScript } from "../process/lectern-command.ts";
import type { Machine } from "../process/machine.ts";
import type { Look } from "./staying-viewer-program.ts";

/** A viewer that stays connected, on a host; see staying-viewer-program.ts. It fails at the first missing response. */
export interface StayingViewer extends Pick<Part, "died"> {
  /** Its looks so far, the oldest first. */
  looks(): Look[];
}

const program = fileURLToPath(new URL("staying-viewer-program.ts", import.meta.url));

/** Starts it. It ends with the host. */
export function startStayingViewer(host: Machine, { page, caFile }: { page: string; caFile: string }): StayingViewer {
  const { died } = host.start("viewer", `${runTypeScript.join(" ")} '${program}' ${page} ${caFile}`);
  return {
    died,
    looks: () =>
      readFileSync(join(host.folder, "viewer.log"), "utf8")
        .split("\n")
        // The last line may be incomplete.
        .slice(0, -1)
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Look),
  };
}
