import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { TestOwncast } from "./playlist-model.ts";

/** A model of Owncast that writes into a real folder. */
export class TestFolder {
  readonly owncast = new TestOwncast();
  readonly root: string;
  readonly hlsDir: string;
  readonly keptDir: string;

  /** `root` is a new folder if it is left out. */
  constructor(root = mkdtempSync(join(tmpdir(), "lectern-hls-"))) {
    this.root = root;
    this.hlsDir = join(root, "hls");
    this.keptDir = join(root, "kept");
  }

  /** Makes the folder match the model. A segment holds its name, and blanks up to a size. */
  write(segmentBytes = 0): void {
    rmSync(this.hlsDir, { recursive: true, force: true });
    const { files, segments } = this.owncast;
    const whole = [...segments].map((name) => [name, wholeSegment(name.padEnd(segmentBytes))] as const);
    for (const [name, text] of [...files, ...whole]) {
      mkdirSync(dirname(join(this.hlsDir, name)), { recursive: true });
      writeFileSync(join(this.hlsDir, name), text);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A finished segment for tests: whole packets that begin with `text`. */
export const wholeSegment = (text: string): string => text.padEnd(188 * Math.ceil(text.length / 188), "\n");
