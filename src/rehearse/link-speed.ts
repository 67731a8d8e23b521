import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The speed in Mbit/s of the link that leads to the internet; undefined if the system does not know it, as on most rented machines.
 * `root` is the folder of /proc and /sys.
 */
export function linkMbit(root = "/"): number | undefined {
  // A route to 00000000 is the default one.
  const [, device] = /^(\S+)\t00000000\t/m.exec(read(join(root, "proc/net/route"))) ?? [];
  if (device === undefined || /[/.]/.test(device)) return undefined;
  return cardMbit(device, root);
}

/** The speed in Mbit/s of a network card; undefined if the system does not know it. */
export function cardMbit(device: string, root = "/"): number | undefined {
  const folder = join(root, "sys/class/net", device);
  // A tunnel's device always tells 10 Mbit/s.
  if (existsSync(join(folder, "tun_flags"))) return undefined;
  const speed = Number(read(join(folder, "speed")).trim() || "-1");
  return speed > 0 ? speed : undefined;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
