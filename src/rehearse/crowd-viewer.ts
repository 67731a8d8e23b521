import { randomInt } from "node:crypto";
import { PlaylistError } from "../viewer/playlist.ts";
import { ChatTalk } from "./chat-talk.ts";
import { Adaptation, type Rung } from "./choose-rendition.ts";
import type { Answer } from "./connection.ts";
import { type LivePlaylist, type LiveSegment, maxPlaylistBytes, TornPlaylist } from "./live-playlists.ts";
import { openPage } from "./open-page.ts";
import { PlaybackBuffer } from "./playback-buffer.ts";
import { type Crowd, type Role, ViewerRequests } from "./viewer-requests.ts";

// Owncast 0.2.5's page.
const pingMs = 4000;
const statusMs = 5000;
const metricsMs = 10_000;
// video.js: it starts three target durations before the end, and loads at most 30 s ahead.
const targetsBehind = 3;
const goalSeconds = 30;
// After a failed request: often enough to be back soon, seldom enough to be no attack.
const retryMs = 1000;
const mostTries = 3;
// Owncast's shortest segments have a second. Whatever a playlist says, nobody asks for it more often.
const shortestPollMs = 200;
const maxStatusBytes = 64 * 1024;

/** A viewer who behaves as Owncast's page with its player does. */
export class CrowdViewer {
  readonly #crowd: Crowd;
  readonly #role: Role;
  readonly #requests: ViewerRequests;
  readonly #chat: ChatTalk | undefined;
  readonly #buffer = new PlaybackBuffer();
  #cameAtMs = 0;
  #leftAtMs: number | undefined;
  #rung: Rung | undefined;
  #adaptation: Adaptation | undefined;
  #playlist: LivePlaylist | undefined;
  #nextSequence: number | undefined;
  #shown: LiveSegment | undefined;
  #overAtMs: number | undefined;
  #wakeLoader: () => void = () => {};
  #wakePoller: () => void = () => {};
  // Since the last report to Owncast.
  #downloads: { seconds: number; bps: number }[] = [];
  #changes = 0;

  constructor(crowd: Crowd, role: Role) {
    this.#crowd = crowd;
    this.#role = role;
    this.#requests = new ViewerRequests(crowd, role);
    this.#chat = role.chats ? new ChatTalk(this.#requests, crowd, role.number) : undefined;
  }

  /** Whether it has been told the stream is over. */
  get isOver(): boolean {
    return this.#overAtMs !== undefined;
  }

  get started(): boolean {
    return this.#buffer.started;
  }

  /** How long it has waited for its first frame, in seconds, or for a page that is not there yet; 0 if it has started. */
  waitedSeconds(nowMs: number): number {
    return this.started ? 0 : (nowMs - this.#cameAtMs) / 1000;
  }

  isStalled(nowMs: number): boolean {
    return this.#overAtMs === undefined && this.#buffer.isStalled(nowMs);
  }

  sum(nowMs: number) {
    return this.#buffer.sum(this.#leftAtMs ?? nowMs, this.#overAtMs);
  }

  /** Comes, and watches until it leaves. */
  join(): void {
    this.#cameAtMs = this.#crowd.schedule.now();
    this.#watch().catch((error: unknown) => this.#crowd.fail(error));
  }

  /** Gives up requests that take too long; to be called about once a second. */
  expire(nowMs: number): void {
    this.#requests.expire(nowMs);
  }

  leave(): void {
    this.#leftAtMs ??= this.#crowd.schedule.now();
    this.#chat?.close();
    this.#requests.close();
  }

  async #watch(): Promise<void> {
    const { schedule } = this.#crowd;
    if (this.#role.opensPage) await openPage(this.#requests, this.#crowd);
    schedule.every(pingMs, () => void this.#requests.get("ping", { path: "/api/ping" }));
    schedule.every(statusMs, () => void this.#askStatus(), 0);
    schedule.every(metricsMs, () => void this.#report());
    this.#chat?.start();
    this.#cameAtMs = schedule.now();
    await this.#choose();
    await Promise.all([this.#poll(), this.#load()]);
  }

  /** Reads the master playlist until it is usable, and picks a rendition. */
  async #choose(): Promise<void> {
    const path = "/hls/stream.m3u8";
    for (;;) {
      const rungs = await this.#readPlaylist(path, (text) => this.#crowd.playlists.master(text, path));
      if (rungs?.playlist) {
        this.#take(this.#firstRung(rungs.playlist));
        return;
      }
      await this.#crowd.schedule.sleep(retryMs);
    }
  }

  #firstRung(rungs: readonly Rung[]): Rung {
    const { rendition } = this.#role;
    if (rendition !== undefined) return rungs.find(({ name }) => name === rendition) ?? rungs[0]!;
    this.#adaptation = new Adaptation(rungs);
    return this.#adaptation.first();
  }

  #take(rung: Rung): void {
    const { viewersByRendition } = this.#crowd.tally;
    if (this.#rung) viewersByRendition.set(this.#rung.name, viewersByRendition.get(this.#rung.name)! - 1);
    viewersByRendition.set(rung.name, (viewersByRendition.get(rung.name) ?? 0) + 1);
    this.#rung = rung;
    this.#playlist = undefined;
  }

  /** Follows the rendition's playlist: after a changed one it waits the last segment's length, else half the target duration. */
  async #poll(): Promise<void> {
    let last: LivePlaylist | undefined;
    while (this.#overAtMs === undefined) {
      const rung = this.#rung!;
      const read = await this.#readPlaylist(rung.uri, (text) => this.#crowd.playlists.media(text, rung.uri));
      const playlist = read?.playlist;
      // Two equal texts are one object.
      const isNew = playlist !== undefined && playlist !== last;
      if (playlist && this.#rung === rung) this.#follow(playlist);
      const waitSeconds = isNew ? playlist.segments.at(-1)!.durationSeconds : (last?.targetSeconds ?? 2) / 2;
      last = playlist ?? last;
      const woken = new Promise<void>((resolve) => {
        this.#wakePoller = resolve;
      });
      if (this.#rung === rung)
        await Promise.race([woken, this.#crowd.schedule.sleep(Math.max(shortestPollMs, waitSeconds * 1000))]);
    }
  }

  #follow(playlist: LivePlaylist): void {
    this.#playlist = playlist;
    const first = playlist.segments[0]!.sequence;
    const last = playlist.segments.at(-1)!.sequence;
    const next = this.#nextSequence;
    const newest = playlist.segments.at(-1)!.madeUntilMs;
    if (newest !== undefined) this.#crowd.watch.listed(newest);
    if (next === undefined) this.#nextSequence = liveStart(playlist);
    // What it wanted is gone, or the list began again: players go to the live point.
    else if (next < first || next > last + 1) {
      this.#crowd.tally.skippedSegments += Math.max(0, liveStart(playlist) - next);
      this.#nextSequence = liveStart(playlist);
    }
    if (playlist.ended) this.#overAtMs = this.#crowd.schedule.now();
    this.#wakeLoader();
  }

  /** Loads each new segment once, one after the other. */
  async #load(): Promise<void> {
    const { schedule } = this.#crowd;
    let tries = 0;
    for (;;) {
      const segment = this.#playlist?.segments.find(({ sequence }) => sequence === this.#nextSequence);
      if (!segment) {
        if (this.#overAtMs !== undefined) return;
        await new Promise<void>((resolve) => {
          this.#wakeLoader = resolve;
        });
        continue;
      }
      const tooFullSeconds = this.#buffer.levelSeconds(schedule.now()) - goalSeconds;
      if (tooFullSeconds > 0) await schedule.sleep(tooFullSeconds * 1000);
      tries += 1;
      const answer = await this.#requests.get("segment", { path: segment.path });
      if (answer) this.#arrived(segment, answer);
      else if (tries < mostTries) {
        await schedule.sleep(retryMs);
        continue;
      } else this.#crowd.tally.skippedSegments += 1;
      tries = 0;
      // The playlist may have led elsewhere meanwhile.
      if (this.#nextSequence === segment.sequence) this.#nextSequence = segment.sequence + 1;
    }
  }

  #arrived(segment: LiveSegment, { ms, bytes, firstByteMs, headers }: Answer): void {
    const { tally, schedule } = this.#crowd;
    const now = schedule.now();
    tally.segmentCame(headers["content-encoding"], bytes, segment.durationSeconds);
    const share = ms / 1000 / segment.durationSeconds;
    tally.segmentShare.add(share);
    tally.recentSegmentShare.add(share);
    tally.segmentWaitSeconds.add(firstByteMs / 1000);
    if (!this.#buffer.started) tally.startSeconds.add((now - this.#cameAtMs) / 1000);
    if (this.#buffer.append(now, segment.durationSeconds)) {
      tally.stalls += 1;
      this.#requests.failures += 1;
    }
    this.#shown = segment;
    const bps = (bytes * 8000) / Math.max(1, ms);
    this.#downloads.push({ seconds: ms / 1000, bps });
    const better = this.#adaptation?.next(bps);
    if (!better || better.name === this.#rung?.name) return;
    tally.renditionChanges += 1;
    this.#changes += 1;
    this.#take(better);
    this.#wakePoller();
  }

  async #askStatus(): Promise<void> {
    const { watch } = this.#crowd;
    const path = "/api/status";
    const headers = { "accept-encoding": this.#requests.readable };
    const answer = await this.#requests.ask("status", { path, headers, keepBytes: maxStatusBytes });
    if (typeof answer === "string") return watch.missed(answer, this.#crowd.seconds());
    if (answer.status !== 200) return watch.missed(`${answer.status}`, this.#crowd.seconds());
    const text = this.#requests.text("status", answer, maxStatusBytes);
    if (text !== undefined) watch.learn(text, this.#crowd.seconds(), answer.ms);
  }

  /** How long ago the frame that it shows now was made; undefined if the playlist has no dates, or nothing is shown. */
  behindSeconds(): number | undefined {
    const { watch } = this.#crowd;
    const serverNow = watch.serverNow();
    const until = this.#shown?.madeUntilMs;
    if (serverNow === undefined || until === undefined || this.#overAtMs !== undefined) return undefined;
    return (serverNow + watch.datesAheadMs - until) / 1000 + this.#buffer.levelSeconds(this.#crowd.schedule.now());
  }

  /** Tells Owncast how the viewer fares, as its page does; the operator sees it on the admin page. */
  async #report(): Promise<void> {
    const downloads = this.#downloads;
    if (downloads.length === 0) return;
    const mean = (of: (one: { seconds: number; bps: number }) => number) =>
      downloads.reduce((sum, one) => sum + of(one), 0) / downloads.length;
    const body = JSON.stringify({
      bandwidth: Math.round(mean(({ bps }) => bps)) / 1000,
      latency: Math.round((this.behindSeconds() ?? 0) * 1000) / 1000,
      downloadDuration: Math.round(mean(({ seconds }) => seconds) * 1000) / 1000,
      errors: this.#requests.failures + (this.isStalled(this.#crowd.schedule.now()) ? 1 : 0),
      qualityVariantChanges: this.#changes,
    });
    this.#downloads = [];
    this.#requests.failures = 0;
    this.#changes = 0;
    const headers = { "content-type": "application/json", origin: this.#crowd.place.origin };
    await this.#requests.get("metrics", { path: "/api/metrics/playback", method: "POST", headers, body });
  }

  /** A playlist, or nothing after a counted failure. */
  async #readPlaylist<Playlist>(
    path: string,
    parse: (text: string) => Playlist,
  ): Promise<{ readonly playlist?: Playlist } | undefined> {
    const { tally } = this.#crowd;
    // Owncast's page puts this to each playlist's address.
    const busting = `${path.includes("?") ? "&" : "?"}cachebust=${randomInt(2 ** 24).toString(16)}`;
    const headers = { "accept-encoding": this.#requests.readable };
    const answer = await this.#requests.get("playlist", { path: path + busting, headers, keepBytes: maxPlaylistBytes });
    const text = answer && this.#requests.text("playlist", answer, maxPlaylistBytes);
    if (!answer || text === undefined) return undefined;
    tally.playlists += 1;
    tally.playlistSeconds.add(answer.ms / 1000);
    try {
      return { playlist: parse(text) };
    } catch (error) {
      if (error instanceof TornPlaylist) tally.tornPlaylists += 1;
      else if (error instanceof PlaylistError) tally.failed("playlist", error.message.slice(0, 80));
      else throw error;
      return {};
    }
  }
}

/** The first segment that a player loads: three target durations before the end, or the oldest one. */
function liveStart({ segments, targetSeconds }: LivePlaylist): number {
  let behind = 0;
  for (const segment of [...segments].reverse()) {
    behind += segment.durationSeconds;
    if (behind >= targetsBehind * targetSeconds) return segment.sequence;
  }
  return segments[0]!.sequence;
}
