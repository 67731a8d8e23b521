import { execFile } from "node:child_process";

/** How a script on a small disk ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether this process may mount disks of its own. */
export const mayMount = process.getuid?.() === 0;

/**
 * Runs a script of bash with a file system of its own of so many KiB at `$disk`, in a mount namespace that ends with it. In the
 * script, `lectern` is the program, `fill` writes until nothing more fits, `make_room` takes that away again.
 */
export const onSmallDisk = (folder: string, kibibytes: number, script: string): Promise<Outcome> =>
  new Promise((resolve) => {
    const lectern = `"${process.execPath}" --import tsx src/main.ts`;
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
