import { expect, it } from "vitest";
import { tmpfsSizeMib } from "./mounts.ts";

const folder = "/var/cache/lectern/main";
const root = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw";
const memory = (options: string, place = folder) =>
  `60 22 0:40 / ${place} rw,nosuid,nodev,noexec,relatime shared:9 - tmpfs lectern ${options}`;

it.each<[string, string[], number | undefined]>([
  ["a folder on disk", [root], undefined],
  ["a folder in memory", [root, memory("rw,size=114688k,mode=755")], 112],
  ["another stage's folder", [root, memory("rw,size=114688k", `${folder}-hall`)], undefined],
  ["a folder below", [root, memory("rw,size=114688k", `${folder}/hls`)], undefined],
  [
    "a disk that is mounted over memory",
    [memory("rw,size=1024k"), `61 60 254:1 / ${folder} rw - ext4 /dev/vdb rw`],
    undefined,
  ],
  ["the newer of two", [memory("rw,size=1024k"), memory("rw,size=2048k")], 2],
  ["a size that the kernel chose", [memory("rw,mode=755")], Number.POSITIVE_INFINITY],
  ["nothing at all", [""], undefined],
])("%s", (_, lines, size) => expect(tmpfsSizeMib(lines.join("\n"), folder)).toBe(size));

it("a name that the kernel writes in octal", () =>
  expect(tmpfsSizeMib(memory("rw,size=1024k", "/a\\040b"), "/a b")).toBe(1));
