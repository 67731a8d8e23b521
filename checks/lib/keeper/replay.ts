import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSegmentName } from "../../../src/media/segment-name.ts";
import { countVariants, parseOwncastPlaylist } from "../../../src/services/keeper/owncast-playlist.ts";
import { PlaylistKeeper } from "../../../src/services/keeper/playlist-keeper.ts";
import { PlayedFolder } from "./played-folder.ts";
import { AnswerRules } from "./playlist-rules.ts";
import type { Change } from "./recording.ts";
import { ReplayedCaptions } from "./replayed-captions.ts";

// A replay writes thousands of small files: keep them in memory if the machine has such a folder.
const scratch = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const graceMs = 30_000;
const mostVariants = 4;

/** Runs the real keeper on a folder that replays recordings of a real Owncast, and checks each answer against the rules. */
export class Replay {
  readonly #root = mkdtempSync(join(scratch, "lectern-replay-"));
  readonly #folder = new PlayedFolder(join(this.#root, "hls"));
  readonly #keptDir = join(this.#root, "kept");
  readonly #discontinuities = new Map<string, number>();
  readonly #rules = Array.from({ length: mostVariants }, () => new AnswerRules(this.#discontinuities));
  /** By variant: the last answer, and the time of its last news. */
  readonly #last: (
    | { readonly text: string; readonly whole: string | undefined; readonly sinceMs: number }
    | undefined
  )[] = [];
  #nowMs = 1_000_000;
  /** How far the wall clock, which dates files, is ahead of the steady clock. */
  #jumpedMs = 1_700_000_000_000;
  #keeper: PlaylistKeeper;
  #recording: readonly Change[] = [];
  #next = 0;
  #lastMaster: string | undefined;
  readonly #captions: ReplayedCaptions | undefined;
  /** Number of answers checked so far. */
  answers = 0;

  constructor({ captions = false } = {}) {
    this.#captions = captions ? new ReplayedCaptions(join(this.#root, "captions"), this.#discontinuities) : undefined;
    this.#keeper = this.#start();
  }

  /** Numbers of answers with captions checked so far. */
  get captions(): ReplayedCaptions["answers"] {
    return this.#captions?.answers ?? { all: 0, cut: 0, short: 0, waited: 0, ahead: 0 };
  }

  /** The captions service starts, ends or says how far it trails; undefined: it is dead. */
  serve(trailSegments: number | undefined): void {
    this.#captions?.serve(trailSegments);
    // The keeper may go on for so long with what it knows.
    this.#nowMs += 100;
    this.#look();
  }

  /** The captions service writes the files of some of the listed segments. */
  caption(share: number): void {
    this.#captions?.write(this.#keeper.unshownPlaylist() ?? "", share);
    this.#look();
  }

  /** Starts another publisher at a place in a recording: the folder jumps to that state. */
  takeUp(recording: readonly Change[], share: number): void {
    this.#recording = recording;
    this.#next = Math.floor(share * (recording.length - 1)) + 1;
    this.#folder.become(recording.slice(0, this.#next), this.#wallMs);
    this.#look();
  }

  /** Plays this many changes of the recording. The keeper looks after each, or only at the end. */
  play(changes: number, isSeen: boolean): void {
    for (let count = 0; count < changes; count++) {
      const change = this.#recording[this.#next];
      if (!change) break;
      this.#nowMs += change.ms - (this.#recording[this.#next - 1]?.ms ?? change.ms);
      this.#next += 1;
      this.#folder.change(change, this.#wallMs);
      if (isSeen) this.#look();
    }
    if (!isSeen) this.#look();
  }

  /** The keeper looks while Owncast writes a playlist: only a share of it is there. */
  tear(index: number, share: number): void {
    const [name, text] = [...this.#folder.playlists][index % this.#folder.playlists.size] ?? [];
    if (name === undefined || text === undefined) return;
    this.#folder.write(name, text.slice(0, share * text.length), this.#wallMs);
    this.#look();
    this.#folder.write(name, text, this.#wallMs);
  }

  /** Nothing happens. */
  wait(ms: number): void {
    this.#nowMs += ms;
    this.#look();
  }

  /** The keeper is killed while it writes its state, and started again. */
  kill(): void {
    writeFileSync(join(this.#keptDir, "state.json.new"), '{"master":');
    this.#keeper = this.#start();
    this.#captions?.forget();
    this.#look();
  }

  /** The machine restarts, and its steady clock starts at zero again. The keeper finds its state file. */
  reboot(share: number): void {
    const beforeMs = this.#nowMs;
    this.#nowMs = Math.round(share * beforeMs);
    for (const [index, last] of this.#last.entries())
      if (last) this.#last[index] = { ...last, sinceMs: last.sinceMs + this.#nowMs - beforeMs };
    this.kill();
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
    this.#look();
  }

  /** The keeper reads a change in at most two looks. Then players have what Owncast has. */
  checkFreshness(): void {
    for (let look = 0; look < 2; look++) this.wait(100);
    const { playlists } = this.#folder;
    const count = countVariants(playlists.get("stream.m3u8") ?? "") ?? 0;
    for (let index = 0; index < count; index++) {
      const text = playlists.get(`${index}/stream.m3u8`) ?? "";
      const names = parseOwncastPlaylist(text) && isLive(text) ? segmentsIn(text, index) : [];
      const answer = this.#keeper.playlist(`${index}`);
      // If the keeper has no answer, players get Owncast's own.
      if (names.length === 0 || answer === undefined || !names.every((name) => this.#isOnDisk(name))) continue;
      const newest = segmentsIn(answer, index).at(-1);
      // An old encoder wrote last: players have seen its session, and the next one.
      if (this.#ordinalOf(names.at(-1)) < this.#ordinalOf(newest)) continue;
      if (newest !== names.at(-1)) throw new Error(`players have ${newest}, Owncast has ${names.at(-1)}`);
    }
  }

  /** Some minutes after Owncast has gone, the keeper holds only the listed segments. */
  checkHeld(): void {
    this.#folder.wipe();
    for (let look = 0; look < 6; look++) this.wait(61_000);
    const listed = new Set(this.#last.flatMap((last, index) => segmentsIn(last?.text ?? "", index)));
    const files = readdirSync(this.#keptDir, { recursive: true, encoding: "utf8" });
    const tooMany = files.filter((name) => name.endsWith(".ts") && !listed.has(name));
    if (tooMany.length > 0) throw new Error(`held for nobody: ${tooMany.join()}`);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  get #wallMs(): number {
    return this.#nowMs + this.#jumpedMs;
  }

  #start(): PlaylistKeeper {
    const say = (line: string) => {
      throw new Error(`the keeper says: ${line}`);
    };
    const captionsDir = this.#captions?.folder;
    const options = { hlsDir: join(this.#root, "hls"), keptDir: this.#keptDir, graceMs, captionsDir, say };
    return new PlaylistKeeper(options, this.#nowMs);
  }

  #look(): void {
    this.#nowMs += 1;
    this.#captions?.live(this.#nowMs);
    this.#keeper.look(this.#nowMs);
    this.#check();
  }

  #check(): void {
    const answer = this.#keeper.playlist("", this.#nowMs);
    const master = this.#captions ? this.#captions.masterWithout(answer) : answer;
    const isWhole = this.#recording.some(({ name, text }) => name === "stream.m3u8" && text === master);
    if (master && master !== this.#lastMaster && !isWhole) throw new Error(`Owncast has no such master:\n${master}`);
    this.#lastMaster = master;
    const texts = this.#rules.map((_, index) => this.#keeper.playlist(`${index}`, this.#nowMs));
    // After the end of all variants a new stream follows, also for a variant without segments.
    const wasOver = this.#last.some(Boolean) && this.#last.every((last) => !last || !isLive(last.text));
    if (wasOver && texts.some((text) => text && isLive(text))) this.#discontinuities.clear();
    for (const [index, rules] of this.#rules.entries()) {
      const text = texts[index];
      if (text === undefined) {
        rules.check(text);
        this.#last[index] = undefined;
        continue;
      }
      this.answers += 1;
      const gone = segmentsIn(text, index).filter((name) => !this.#isOnDisk(name));
      if (gone.length > 0) throw new Error(`listed, and cannot be fetched: ${gone.join()}`);
      const last = this.#last[index];
      // What waits for captions, and what they add, is no news of the stream; only variant 0 can be seen without both.
      const whole = this.#captions ? this.#keeper.unshownPlaylist() : text;
      const sinceMs = last && last.whole === whole ? last.sinceMs : this.#nowMs;
      this.#last[index] = { text, whole, sinceMs };
      // An unchanged answer is still valid.
      if (last?.text === text) continue;
      rules.check(text);
      const isSoon = last && isLive(last.text) && !isLive(text) && this.#nowMs - last.sinceMs <= graceMs;
      if (isSoon && (index === 0 || !this.#captions)) throw new Error(`variant ${index} ended within the grace`);
    }
    const unshown = this.#keeper.unshownPlaylist();
    this.#captions?.checkWait(unshown, texts[0], this.#keeper.counts().drops);
    this.#captions?.check(this.#keeper.captionsPlaylist("en", this.#nowMs), texts[0], unshown);
  }

  /** The discontinuity number of a segment's session. A session that players have not seen has the highest. */
  #ordinalOf(name = ""): number {
    return this.#discontinuities.get(readSegmentName(name)?.session ?? "") ?? Number.POSITIVE_INFINITY;
  }

  #isOnDisk(name: string): boolean {
    return this.#folder.has(name) || existsSync(join(this.#keptDir, name));
  }
}

const isLive = (playlist: string): boolean => !playlist.includes("#EXT-X-ENDLIST");

/** The segments that an answer for a variant lists, as `<variant>/<name>`, without the offline clip. */
const segmentsIn = (text: string, index: number): string[] =>
  [...text.matchAll(/^(?:\.\.\/(\d+)\/)?(stream-(?!offline-).*\.ts)$/gm)].map(
    ([, other = `${index}`, name]) => `${other}/${name}`,
  );
