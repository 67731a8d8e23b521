import { execFile } from "node:child_process";
import { lecternCommand } from "./lectern-command.ts";

/** How a script on a small disk ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether this process may mount file systems. */
export const mayMount = process.getuid?.() === 0;

/**
 * Runs a bash script with a file system of so many KiB at `$disk`, in a mount namespace that ends with the script. The script
 * can call `lectern`, `fill`, which writes until the disk is full, and `make_room`, which removes that again.
 */
export const onSmallDisk = (folder: string, kibibytes: number, script: string): Promise<Outcome> =>
  new Promise((resolve) => {
    const lectern = lecternCommand().join(" ");
    const prelude = `
      disk="${folder}"
      mount -t tmpfs -o size=${kibibytes}k none "$disk" || exit 99
      lectern() { ${lectern} "$@"; }
      fill() { dd if=/dev/zero of="$disk/filler" bs=4k status=none 2> /dev/null; true; }
      make_room() { rm "$disk/filler"; }
    `;
    const args = ["--mount", "--propagation", "private", "--", "bash", "-c", prelude + script];
    execFile("unshare", args, { timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
