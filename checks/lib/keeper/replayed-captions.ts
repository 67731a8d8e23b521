import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { captionsWaitMs, leastTrail } from "../../../src/lib/captions-tracks.ts";
import { readSegmentName } from "../../../src/media/segment-name.ts";
import { AnswerRules } from "./playlist-rules.ts";

const language = "en";
// Players that turn a track on fetch each listed file in turn.
const mostBack = 10;
// So many looks after it should: a master playlist that is torn counts only when it has been the same twice.
const mostLooks = 3;

/** A captions service with one track beside a replay, and the rules for the playlist of that track. */
export class ReplayedCaptions {
  readonly folder: string;
  readonly #rules: AnswerRules;
  #trail: number | undefined;
  #nowMs = 0;
  /** So many looks ago players should have got what they wait for. */
  #dueLooks = 0;
  #wroteMs = 0;
  /** Files that are listed by their age, and since when they are so old. */
  #dueMs: ReadonlyMap<string, number> = new Map();
  /** Files that players wait for: for so many looks, and since the time at which the keeper must have seen them. */
  #awaited: ReadonlyMap<
    string,
    { readonly looks: number; readonly sinceMs: number; readonly thereMs: number | undefined }
  > = new Map();
  /** Also by a keeper that was killed since: what waited then waits on. */
  #wasLost = false;
  /** The file that was listed last. */
  #given: string | undefined;
  /**
   * Number of answers checked so far, of those that did not list the video's newest and its oldest segments, of those while players
   * waited, and of those that listed more than the video's.
   */
  readonly answers = { all: 0, cut: 0, short: 0, waited: 0, ahead: 0 };

  /** @param discontinuityOf by session, of the video */
  constructor(folder: string, discontinuityOf: Map<string, number>) {
    this.folder = folder;
    this.#rules = new AnswerRules(discontinuityOf);
    mkdirSync(join(folder, language), { recursive: true });
  }

  /** How far it trails from now on; undefined: it is dead. */
  serve(trailSegments: number | undefined): void {
    this.#trail = trailSegments;
  }

  /** It is alive at this time, if it is alive. */
  live(nowMs: number): void {
    this.#nowMs = nowMs;
    const file = join(this.folder, "tracks.json");
    const tracks = [{ language, name: "English" }];
    const more = { pid: process.pid, writtenMs: nowMs, trailSegments: this.#trail, tracks };
    if (this.#trail === undefined) rmSync(file, { force: true });
    else writeFileSync(file, JSON.stringify({ version: 1, ...more }));
  }

  /** Writes the captions of the first share of the listed segments. */
  write(video: string, share: number): void {
    const names = filesOf(video).map(([, captions]) => captions);
    this.#wroteMs = this.#nowMs;
    for (const name of names.slice(0, Math.round(share * names.length)))
      writeFileSync(join(this.folder, language, name), "WEBVTT\n");
  }

  /** The keeper was started anew: it does not know any more what players were given, and for how long they have waited. */
  forget(): void {
    this.#awaited = new Map();
    this.#given = undefined;
  }

  /** The master playlist without what captions add to it. */
  masterWithout(master: string | undefined): string | undefined {
    return master?.replace(/^#EXT-X-MEDIA:TYPE=SUBTITLES.*\n/gm, "").replaceAll(',SUBTITLES="subs"', "");
  }

  /**
   * Checks that players wait only for captions, and not long. `unshown`: the list with what waits. `drops`: how often the keeper has seen the
   * publisher lost.
   */
  checkWait(unshown: string | undefined, shown: string | undefined, drops: number): void {
    this.#wasLost ||= drops > 0;
    const [all, given] = [filesOf(unshown ?? ""), filesOf(shown ?? "")];
    const from = all.findIndex(([ts]) => ts === given[0]?.[0]);
    rule(all.length === 0 || from >= 0, "players have a part of the list");
    rule(
      given.every(([ts], index) => ts === all[from + index]?.[0]),
      "players have the list without its newest segments",
    );
    const awaited = all.slice(from + given.length).map(([, captions]) => captions);
    this.#awaited = new Map(
      awaited.map((name) => {
        const before = this.#awaited.get(name) ?? { looks: 0, sinceMs: this.#nowMs, thereMs: undefined };
        // The keeper looked before the files that were written since.
        const isThere = this.#has(name) && this.#wroteMs < this.#nowMs - 1;
        const { looks, sinceMs, thereMs = isThere ? this.#nowMs : undefined } = before;
        return [name, { looks: looks + 1, sinceMs: looks < mostLooks ? this.#nowMs : sinceMs, thereMs }];
      }),
    );
    const [first] = awaited;
    if (first === undefined) this.#dueLooks = 0;
    if (first === undefined) return;
    this.answers.waited += 1;
    const { sinceMs = 0, thereMs } = this.#awaited.get(first) ?? {};
    const longestMs = longestIn(unshown ?? "") * 1000;
    // After a lost publisher, captions are there for one length before the picture.
    const isNew = discontinuitiesBefore(unshown ?? "", all[from + given.length]?.[0] ?? "") > 0;
    const aheadMs = this.#wasLost || isNew ? longestMs : 0;
    rule(aheadMs > 0 || thereMs === undefined, "nobody waits for captions that are there");
    const mostMs = leastTrail * longestMs + captionsWaitMs;
    const isLong = thereMs === undefined ? this.#nowMs - sinceMs > mostMs : this.#nowMs - thereMs > aheadMs;
    const isDue = this.#trail === undefined || isLong;
    this.#dueLooks = isDue ? this.#dueLooks + 1 : 0;
    rule(this.#dueLooks <= mostLooks, "nobody waits for a dead service, or long");
  }

  /** Checks an answer beside those of the video at the same time: what players get, and `unshown`, with what waits. */
  check(answer: string | undefined, whole: string | undefined, unshown: string | undefined): void {
    if (whole === undefined || answer === undefined) {
      rule((whole === undefined) === (answer === undefined), "captions have a list when the video has one");
      return;
    }
    const video = newestOf(whole);
    const shown = filesOf(video);
    const isEnd = video.includes("#EXT-X-ENDLIST");
    const files = answer.split("\n").filter((line) => line.endsWith(".vtt"));
    const isAhead = files.length > shown.length;
    // Its window may begin before the video's.
    const more = isAhead
      ? newestOf(unshown ?? "", mostBack + filesOf(unshown ?? "").length - endOf(unshown, shown))
      : video;
    const all = filesOf(more);
    rule(files.length > 0, "it lists something");
    rule(
      files.every((name, index) => name === all[index]?.[1]),
      "it lists the captions of the video's segments, from the tenth newest on",
    );
    const back = all
      .slice(0, files.length)
      .reduce((text, [ts, vtt]) => text.replace(`\n${vtt}\n`, `\n${ts}\n`), answer);
    const expected = isEnd ? video : upTo(more, all[files.length - 1]?.[0] ?? "");
    const same = (text: string) => (isAhead ? text.replaceAll(ofLength, "") : text);
    rule(same(back) === same(expected), "all else is as in the video's list: numbers, tags, discontinuities, end");
    // The picture has waited for the usual trail when it is listed.
    const trail = Math.max(leastTrail, (this.#trail ?? leastTrail) - leastTrail);
    const due = shown.slice(0, Math.max(0, shown.length - trail)).map(([, captions]) => captions);
    this.#dueMs = new Map(due.map((name) => [name, this.#dueMs.get(name) ?? this.#nowMs]));
    const missing = due[files.length];
    // The keeper may go on for 100 ms with what it knows.
    const isMissing = missing !== undefined && (!this.#has(missing) || this.#nowMs - this.#wroteMs <= 100);
    const waitedMs = this.#nowMs - (this.#dueMs.get(missing ?? "") ?? 0);
    const mayWait = this.#trail !== undefined && isMissing && waitedMs < captionsWaitMs;
    rule(missing === undefined || mayWait, "it never falls behind");
    const given = all.findIndex(([, captions]) => captions === this.#given);
    rule(files.length > given, "it lists what players were given before");
    const early = files.slice(Math.max(1, shown.length - trail, given + 1));
    rule(isEnd || early.every((name) => this.#has(name)), "it lists no captions too early");
    this.#given = files.at(-1);
    this.#rules.check(back, true);
    this.answers.all += 1;
    if (files.length < shown.length) this.answers.cut += 1;
    if (isAhead) this.answers.ahead += 1;
    if (video !== whole) this.answers.short += 1;
  }

  #has(captions: string): boolean {
    return existsSync(join(this.folder, language, captions));
  }
}

const filesOf = (video: string): (readonly [ts: string, captions: string])[] => {
  const first = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m.exec(video)?.[1]);
  const names = video.split("\n").filter((line) => line.endsWith(".ts"));
  return names.map((name, index) => [
    name,
    readSegmentName(name) ? `${name.slice(0, -3)}.vtt` : `stream-offline-${first + index}.vtt`,
  ]);
};

/** A list without the segments before its tenth newest one. */
function newestOf(video: string, most = mostBack): string {
  const blocks = [
    ...video.matchAll(/^#(?:EXT-X-DISCONTINUITY|EXT-X-PROGRAM-DATE-TIME.*|EXTINF.*)\n(?:#.*\n)*.*\.ts\n/gm),
  ];
  const gone = blocks.slice(0, Math.max(0, blocks.length - most)).map(([text]) => text);
  const breaks = gone.join("").match(/^#EXT-X-DISCONTINUITY$/gm)?.length ?? 0;
  const add = (text: string, tag: string, more: number) =>
    text.replace(new RegExp(`^(#EXT-X-${tag}:)(\\d+)$`, "m"), (_, name, value) => `${name}${Number(value) + more}`);
  const rest = gone.reduce((text, block) => text.replace(block, ""), video);
  return add(add(rest, "MEDIA-SEQUENCE", gone.length), "DISCONTINUITY-SEQUENCE", breaks);
}

/** The lines that a longer list may have otherwise. */
const ofLength = /^#EXT-X-(?:TARGETDURATION|SERVER-CONTROL):.*\n/gm;

/** How many of a list's segments there are up to the last one of another. */
const endOf = (playlist: string | undefined, shown: readonly (readonly [string, string])[]): number =>
  filesOf(playlist ?? "").findIndex(([ts]) => ts === shown.at(-1)?.[0]) + 1;

/** The discontinuity number of a segment in a list. */
function discontinuitiesBefore(playlist: string, name: string): number {
  const first = Number(/^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)$/m.exec(playlist)?.[1] ?? 0);
  return first + (upTo(playlist, name).match(/^#EXT-X-DISCONTINUITY$/gm)?.length ?? 0);
}

const longestIn = (playlist: string): number =>
  Math.max(1, ...[...playlist.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, seconds]) => Math.ceil(Number(seconds))));

const upTo = (video: string, name: string): string => video.slice(0, video.indexOf(`\n${name}\n`) + name.length + 2);

function rule(holds: boolean, text: string): void {
  if (!holds) throw new Error(`captions' rule broken: ${text}`);
}
