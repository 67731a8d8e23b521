import { PlaylistKeeper } from "../../../src/services/keeper/playlist-keeper.ts";
import { TestFolder } from "./model-folder.ts";

/** A folder that a model of Owncast writes into, and keepers that watch it by a simulated clock. */
export class KeptFolder extends TestFolder {
  nowMs = 1_000_000;
  /** The keepers' log lines. */
  readonly said: string[] = [];

  keeper(): PlaylistKeeper {
    const say = (line: string) => void this.said.push(line);
    return new PlaylistKeeper({ hlsDir: this.hlsDir, keptDir: this.keptDir, graceMs: 30_000, say }, this.nowMs);
  }

  /** Makes a keeper look at the folder twice: it accepts a new master playlist only at its second look. */
  see(keeper: PlaylistKeeper, ms = 200): void {
    this.write();
    for (let look = 0; look < 2; look++) {
      this.nowMs += ms / 2;
      keeper.look(this.nowMs);
    }
  }

  /** A publisher connects, and a keeper sees some of its segments. */
  goLive(keeper: PlaylistKeeper, { segments = 3, seconds = 2, variants = 1 } = {}): void {
    this.owncast.connect(variants, seconds, 3);
    this.see(keeper);
    for (let index = 0; index < segments; index++) {
      this.owncast.segment();
      this.see(keeper);
    }
  }
}
