import { parseOwncastPlaylist } from "../../../src/services/keeper/owncast-playlist.ts";
import {
  emptyStage,
  playlistText,
  type StageState,
  updateStage,
} from "../../../src/services/keeper/stage-playlists.ts";
import type { VariantState } from "../../../src/services/keeper/variant.ts";
import { TestOwncast } from "./playlist-model.ts";
import { AnswerRules } from "./playlist-rules.ts";

/** The grace of a lost publisher. */
export const graceMs = 30_000;

/** A keeper without a disk. It looks at a model of Owncast's folder, and checks every answer. */
export class Watch {
  readonly owncast = new TestOwncast();
  nowMs = 0;
  state: StageState = emptyStage;
  readonly #discontinuities = new Map<string, number>();
  readonly #rules: AnswerRules[] = [];
  readonly #held = new Set<string>();

  look(tear: (name: string, text: string) => string = (_, text) => text): void {
    const { files, segments } = this.owncast;
    const text = (name: string) => {
      const whole = files.get(name);
      return whole === undefined ? whole : tear(name, whole);
    };
    this.state = updateStage(this.state, {
      master: text("stream.m3u8"),
      playlist: (input) => {
        const found = text(`${input}/stream.m3u8`);
        return found === undefined ? undefined : (parseOwncastPlaylist(found) ?? "torn");
      },
      nowMs: this.nowMs,
      graceMs,
      keepSegments: (variant) =>
        variant.segments.every(({ input, uri }) => {
          const name = `${input}/${uri}`;
          if (!this.#held.has(name) && uri.startsWith("stream-s") && !segments.has(name)) return false;
          this.#held.add(name);
          return true;
        }),
    });
    for (const index of this.state.variants.keys()) {
      const answer = this.playlist(index);
      this.#rules[index] ??= new AnswerRules(this.#discontinuities);
      this.#rules[index].check(answer);
    }
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.look();
  }

  segments(count: number): void {
    for (let index = 0; index < count; index++) {
      this.owncast.segment();
      this.wait(2000);
    }
  }

  playlist(index: number): string | undefined {
    return playlistText(this.state, `${index}`);
  }

  phase(index: number): VariantState["phase"] | undefined {
    return this.state.variants[index]?.phase;
  }
}

/** A stage that has already written some live segments. */
export function live(variants = 2): Watch {
  const watch = new Watch();
  watch.owncast.start(variants);
  watch.wait(100);
  watch.owncast.connect(variants, 2, 5);
  watch.wait(100);
  watch.segments(7);
  return watch;
}

/** The segments that an answer lists. */
export const uris = (answer: string | undefined): string[] =>
  (answer ?? "").split("\n").filter((line) => line && !line.startsWith("#"));
