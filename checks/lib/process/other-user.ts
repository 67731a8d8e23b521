import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The number of a user that owns no files. */
export const nobody = 65_534;

/** A user namespace may have no other user. */
export function canBeAnother(): boolean {
  const probe = mkdtempSync(join(tmpdir(), "lectern-run-"));
  try {
    chownSync(probe, nobody, nobody);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true });
  }
}

/** A program for node: makes folders like those of a killed demo, in PLACE, in a loop. In each it swaps folders for links to VICTIM. */
export const swapping = `
const fs = require("node:fs");
const { PLACE, VICTIM } = process.env;
const quietly = (work) => { try { return work(); } catch { return undefined; } };
const dirs = [...Array(8).keys()].map((index) => PLACE + "/lectern-demo-planted" + index);
const plant = (dir) => {
  fs.mkdirSync(dir, { recursive: true, mode: 0o777 });
  fs.chmodSync(dir, 0o777);
  fs.writeFileSync(dir + "/owner", "1 never\\n");
  for (let index = 0; index < 20; index++) {
    fs.mkdirSync(dir + "/hls" + index, { recursive: true, mode: 0o777 });
    fs.chmodSync(dir + "/hls" + index, 0o777);
    for (let file = 0; file < 50; file++) fs.writeFileSync(dir + "/hls" + index + "/file-" + file, "");
    quietly(() => fs.symlinkSync(VICTIM, dir + "/link" + index));
  }
};
for (let turn = 0; ; turn++) {
  for (const dir of dirs) {
    quietly(() => plant(dir));
    for (let index = 0; index < 20; index++) quietly(() => {
      fs.renameSync(dir + "/hls" + index, dir + "/aside" + index);
      fs.renameSync(dir + "/link" + index, dir + "/hls" + index);
    });
  }
  if (turn === 0) console.log("at it");
}
`;
