/** Writes playlists like those in the folder of Owncast 0.2.5. The test compares them with a recording. */
export class TestOwncast {
  /** The playlists in the folder, by name. */
  readonly files = new Map<string, string>();
  /** Segments that can be read, as `<variant>/<name>`. */
  readonly segments = new Set<string>();
  #session:
    | { readonly id: string; readonly variants: number; readonly seconds: number; readonly list: number }
    | undefined;
  #written: { readonly seconds: number; readonly text: string }[][] = [];
  #sessions = 0;
  #ended = false;

  /** Owncast starts: it empties the folder, then shows its offline clip. */
  start(variants: number): void {
    this.#wipe();
    const clip = [head(5, 0, true), entry(5, "stream-offline-0.ts"), entry(3.125, "stream-offline-1.ts")];
    for (let index = 0; index < variants; index++)
      this.files.set(`${index}/stream.m3u8`, `${clip.join("")}#EXT-X-ENDLIST\n`);
    this.files.set("stream.m3u8", master(variants));
  }

  /** A publisher connects: Owncast wipes the folder, which stays empty until the first segment. */
  connect(variants: number, seconds: number, list: number): void {
    this.#wipe();
    this.#sessions += 1;
    this.#session = { id: `s${this.#sessions}-x`, variants, seconds, list };
    this.#written = Array.from({ length: variants }, () => []);
    this.#ended = false;
  }

  get isPublishing(): boolean {
    return this.#session !== undefined && !this.#ended;
  }

  /**
   * The encoder has written one more segment, for all variants or only for the first few. `seconds` that differ from the
   * session's are those of a camera whose video is passed through.
   */
  segment(ofVariants = Number.POSITIVE_INFINITY, seconds = this.#session?.seconds ?? 0): void {
    if (!this.#session || this.#ended) return;
    const { id, variants } = this.#session;
    for (let index = 0; index < Math.min(variants, ofVariants); index++) {
      const name = `stream-${id}-${this.#written[index]?.length}.ts`;
      this.#written[index]?.push({ seconds, text: entry(seconds, name) });
      this.segments.add(`${index}/${name}`);
      this.#write(index, "");
    }
    if (this.#written.every(({ length }) => length > 0)) this.files.set("stream.m3u8", master(variants));
  }

  /** The publisher is lost. */
  drop(): void {
    if (!this.#session || this.#ended) return;
    this.segment(undefined, 0.2);
    this.#ended = true;
    const end = "#EXT-X-DISCONTINUITY\n#EXTINF:8.000000,\noffline-v2.ts\n#EXT-X-ENDLIST\n";
    for (const index of this.#written.keys()) this.#write(index, end);
  }

  /** Owncast's clean-up, some minutes after a stream: no player needs the segments any more. */
  cleanUp(): void {
    if (this.#ended && this.#session) this.start(this.#session.variants);
  }

  #write(index: number, end: string): void {
    const all = this.#written[index] ?? [];
    const first = Math.max(0, all.length - (this.#session?.list ?? 0));
    const listed = all.slice(first);
    // Like ffmpeg: the longest segment in the list; it forgets those that have left the list.
    const target = Math.max(...listed.map(({ seconds }) => Math.round(seconds)));
    const body = listed.map(({ text }) => text).join("");
    this.files.set(`${index}/stream.m3u8`, `${head(target, first, false)}${body}${end}`);
  }

  #wipe(): void {
    this.files.clear();
    this.segments.clear();
    this.#session = undefined;
  }
}

const head = (seconds: number, first: number, event: boolean): string =>
  `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:${seconds}\n#EXT-X-MEDIA-SEQUENCE:${first}\n${event ? "#EXT-X-PLAYLIST-TYPE:EVENT\n" : ""}#EXT-X-INDEPENDENT-SEGMENTS\n`;

const entry = (seconds: number, name: string): string =>
  `#EXTINF:${seconds.toFixed(6)},\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000+0000\n${name}\n`;

const master = (variants: number): string =>
  `#EXTM3U\n#EXT-X-VERSION:6\n${Array.from({ length: variants }, (_, index) => `#EXT-X-STREAM-INF:BANDWIDTH=${(index + 1) * 400_000},RESOLUTION=${(index + 1) * 320}x${(index + 1) * 180},CODECS="avc1.64000c,mp4a.40.2"\n${index}/stream.m3u8\n\n`).join("")}`;
