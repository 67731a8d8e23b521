import type { CaptionTrack } from "../../lib/captions-tracks.ts";

const group = "subs";
const streamLine = /^#EXT-X-STREAM-INF:[^\r\n]*/gm;
const quoted = /"[^"]*"/g;

/**
 * A master playlist that also names the caption tracks, by Apple's authoring rules: each variant has them, none is shown by itself, and
 * each has a name of its own. The rest stays byte for byte. A master that has subtitles already, or none of these lines, is returned
 * unchanged. Pure.
 *
 * No CHARACTERISTICS: those that fit promise captions for the deaf, with all that is heard, and no engine keeps that promise.
 */
export function masterWithCaptions(master: string, tracks: readonly CaptionTrack[]): string {
  if (tracks.length === 0 || hasSubtitles(master)) return master;
  const [head] = /^#EXTM3U[^\n]*\n(?:#EXT-X-VERSION:[^\n]*\n)?/.exec(master) ?? [];
  if (head === undefined) return master;
  const media = tracks.map((track, index) => `${mediaLine(track, nameOf(track, tracks.slice(0, index)))}\n`);
  const rest = master.slice(head.length).replace(streamLine, (line) => `${line},SUBTITLES="${group}"`);
  return `${head}${media.join("")}${rest}`;
}

const hasSubtitles = (master: string): boolean =>
  /^#EXT-X-MEDIA:(?:.*,)?TYPE=SUBTITLES/m.test(master) ||
  [...master.matchAll(streamLine)].some(([line]) => /[:,]SUBTITLES=/.test(line.replace(quoted, '""')));

const mediaLine = ({ language }: CaptionTrack, name: string): string =>
  `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="${group}",NAME="${name}",LANGUAGE="${language}",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="captions/${language}/stream.m3u8"`;

/** Names in a group differ (RFC 8216, 4.3.4.1.1). */
const nameOf = ({ name, language }: CaptionTrack, earlier: readonly CaptionTrack[]): string =>
  earlier.some((other) => other.name === name) ? `${name} (${language})` : name;
