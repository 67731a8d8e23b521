import { isIconInOtherCase } from "../../../codegen/schema/owncast/instance.ts";
import { isSecretWebhook, mayHoldSecret } from "../../../codegen/schema/owncast/webhook-address.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { segmentSeconds } from "../../media/camera-needs.ts";

/** Valid settings that a seed's author hardly wants; one sentence each. */
export const warningsOf = (seed: Seed): string[] => [
  ...foreignPageText(seed),
  ...uncuttablePassthrough(seed),
  ...openSecrets(seed),
  ...lostIcons(seed),
];

const foreignPageText = ({ instance }: Seed): string[] =>
  instance?.pageText === undefined
    ? [
        "instance.pageText is not set: Owncast's own text makes every viewer's browser contact two other sites; set it, even to \"\"",
      ]
    : [];

/** Owncast cuts encoded video exactly at a segment's length, but passed-through video only at the next keyframe after it. */
function uncuttablePassthrough({ video }: Seed): string[] {
  const passed = video?.ladder?.find(({ passthrough }) => passthrough);
  if (!passed || video?.ladder?.every(({ passthrough }) => passthrough)) return [];
  const seconds = segmentSeconds(video?.latency);
  const level = video?.latency ?? "medium, Owncast's own";
  return [
    `video.ladder: ${passed.name} is a passthrough rendition beside encoded ones: set the camera's keyframe interval to ${seconds} s, the segment length of latency ${level}; with any other interval, the video stops for viewers who change the quality`,
  ];
}

/** Addresses that hold a password or a token and should be secrets. */
function openSecrets(seed: Seed): string[] {
  const webhooks = (seed.integrations?.webhooks?.list ?? []).flatMap(({ url }, index) =>
    typeof url === "string" && isSecretWebhook(url)
      ? [
          `integrations.webhooks.list[${index}].url holds what looks like a password or a token, for everybody who reads the file or the Nix store: write \`url: { secret: webhook }\` and put the address into the secret's file`,
        ]
      : [],
  );
  const { integrations: _, ...others } = seed;
  const elsewhere = textsOf(others, "").flatMap(({ path, text }) =>
    mayHoldSecret(text)
      ? [`${path}: the address may hold a password or a token; everybody who reads the file can use it`]
      : [],
  );
  return [...webhooks, ...elsewhere];
}

const textsOf = (value: unknown, path: string): { readonly path: string; readonly text: string }[] => {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((inner, index) => textsOf(inner, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, path === "" ? key : `${path}.${key}`));
};

/** Owncast's names of icons are in lower case. */
const lostIcons = ({ instance }: Seed): string[] =>
  (instance?.socialHandles ?? []).flatMap(({ platform }, index) =>
    isIconInOtherCase(platform)
      ? [
          `instance.socialHandles[${index}].platform: ${platform} gets no icon of its own; Owncast knows it as ${platform.toLowerCase()}`,
        ]
      : [],
  );
