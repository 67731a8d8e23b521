import type { Picture } from "../media/declared-renditions.ts";
import type { RtmpTarget } from "../media/rtmp/rtmp-target.ts";

/** The data of an OBS profile. */
export interface ObsProfileOptions {
  /** The profile's name in OBS. */
  readonly name: string;
  readonly target: RtmpTarget;
  readonly streamKey: string;
  readonly picture: Picture;
  readonly keyframeSeconds: number;
}

/** The files of a profile, by name; `service.json` holds the stream key. */
export type ObsProfile = Readonly<Record<"basic.ini" | "service.json" | "streamEncoder.json", string>>;

const audioKbps = 128;
const preset = "veryfast";
const retry = { delaySeconds: 2, attempts: 1000 } as const;

/** The files that OBS Studio keeps in a profile's folder, for one stage. */
export function obsProfile({ name, target, streamKey, picture, keyframeSeconds }: ObsProfileOptions): ObsProfile {
  const { width, height, framerate, bitrateKbps } = picture;
  const settings = { key: streamKey, server: target.address, use_auth: false, bwtest: false };
  return {
    "basic.ini": ini({
      // A line break would end the value.
      General: { Name: name.replace(/\s+/g, " ").trim() },
      Video: { BaseCX: width, BaseCY: height, OutputCX: width, OutputCY: height, FPSType: 1, FPSInt: framerate },
      Audio: { SampleRate: 48_000, ChannelSetup: "Stereo" },
      // OBS has the keyframe interval in its advanced mode only.
      Output: { Mode: "Advanced", Reconnect: true, RetryDelay: retry.delaySeconds, MaxRetries: retry.attempts },
      AdvOut: {
        ...{ Encoder: "obs_x264", AudioEncoder: "ffmpeg_aac", ApplyServiceSettings: false, Rescale: false },
        ...{ TrackIndex: 1, Track1Bitrate: audioKbps },
      },
      // Used if somebody switches to the simple mode.
      SimpleOutput: { VBitrate: bitrateKbps, ABitrate: audioKbps, StreamEncoder: "x264", Preset: preset },
    }),
    "service.json": json({ type: "rtmp_custom", settings }),
    "streamEncoder.json": json({
      ...{ rate_control: "CBR", bitrate: bitrateKbps, keyint_sec: keyframeSeconds },
      ...{ preset, profile: "high", tune: "zerolatency" },
    }),
  };
}

const ini = (sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>): string =>
  Object.entries(sections)
    .map(([section, values]) =>
      [`[${section}]`, ...Object.entries(values).map(([key, value]) => `${key}=${value}`), ""].join("\n"),
    )
    .join("\n");

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
