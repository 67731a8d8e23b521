/** The size in MiB of the tmpfs that is mounted at a folder, from the text of /proc/self/mountinfo; undefined if none is. */
export function tmpfsSizeMib(mountinfo: string, folder: string): number | undefined {
  // Of several mounts on one folder the last one counts.
  const mount = mountinfo
    .split("\n")
    .map((line) => line.split(" - "))
    .findLast(([place = ""]) => plain(place.split(" ")[4] ?? "") === folder);
  const [kind, , options = ""] = mount?.[1]?.split(" ") ?? [];
  if (kind !== "tmpfs") return undefined;
  const [, size] = /(?:^|,)size=(\d+)k(?:,|$)/.exec(options) ?? [];
  // The kernel names no size if the tmpfs has its default, half of the memory.
  return size === undefined ? Number.POSITIVE_INFINITY : Number(size) / 1024;
}

/** The kernel writes blanks, tabs, line breaks and backslashes in octal. */
const plain = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
