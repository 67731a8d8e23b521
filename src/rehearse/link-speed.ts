import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The speed in Mbit/s of the link that leads to the internet; undefined if the system does not know it, as on most rented machines.
 * `root` is the folder of /proc and /sys.
 */
export function linkMbit(root = "/"): number | undefined {
  // A route to 00000000 is the default one.
  const [, device] = /^(\S+)\t00000000\t/m.exec(read(join(root, "proc/net/route"))) ?? [];
  if (device === undefined || /[/.]/.test(device)) return undefined;
  const speed = Number(read(join(root, "sys/class/net", device, "speed")).trim() || "-1");
  return speed > 0 ? speed : undefined;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
