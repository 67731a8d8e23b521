import { configFields } from "../../../codegen/schema/owncast/owncast.ts";
import { png, svg } from "../schema/tiny-pictures.ts";
import type { PlainOwncast } from "./plain-owncast.ts";

/** Secrets that a person typed into the admin page. Each text is unique. */
export const typedSecrets = {
  "admin-password": "canary-of-the-admin-page",
  "stream-key-moderator": "canary-key-of-the-moderator",
  "stream-key-camera-2": "canary-key-of-the-camera",
  "s3-access-key": "CANARYACCESSKEY",
  "s3-secret-key": "canary/of+the/bucket=",
  "discord-webhook": "https://discord.example/api/webhooks/1/canary-of-the-channel",
  "webhook-hooks-example": "https://hooks.example/stage?token=canary-of-the-webhook",
  "webhook-hooks-example-2": "https://hooks.example/services/T0A1B2C3D/canary4of5the6service7",
} as const;

const variant = {
  videoPassthrough: false,
  audioPassthrough: false,
  framerate: 25,
  cpuUsageLevel: 1,
};

/** All settings in the form that Owncast accepts. None is the default, and the texts are hard for YAML and comments. */
export const clicked: Readonly<Record<string, unknown>> = {
  serverUrl: "https://live.example.org",
  "instance.name": `Nix: "lecture" & 'more' # 1 🎥`,
  "instance.summary": "First line\n  indented: yes # no comment\n\ttab and spaces  \n",
  "instance.tags": ["on", "1.5", "~", "two words", "- dash"],
  "instance.pageText": "\n## Welcome\n\n    code   \n<<<<<<< HEAD\n---\n%TAG\n- *one*: |\n\u00a0<b>&amp;</b>\n\n\n",
  "instance.socialHandles": [
    { platform: "github", url: "https://github.com/NixOS" },
    { platform: "matrix", url: "matrix:r/team:example.org" },
    { platform: "Our choir's place", url: "mailto:choir@example.org" },
  ],
  "instance.offlineMessage": "Back on\n\n  Tuesday: 17:00",
  "instance.nsfw": true,
  "instance.directory": true,
  "instance.showViewerCount": true,
  "instance.searchIndexing": true,
  "video.latency": 4,
  "video.ladder": [
    { name: "Small", ...variant, videoBitrate: 700, audioBitrate: 96, scaledWidth: 640, scaledHeight: 360 },
    { name: "480 high", ...variant, videoBitrate: 1000, audioBitrate: 96, scaledHeight: 480 },
    { name: "1280 wide", ...variant, videoBitrate: 2000, audioBitrate: 96, scaledWidth: 1280 },
    { name: "As it comes", ...variant, videoBitrate: 3000, audioBitrate: 96 },
    {
      name: "Source",
      videoPassthrough: true,
      audioPassthrough: true,
      videoBitrate: 1200,
      audioBitrate: 128,
      cpuUsageLevel: 3,
    },
  ],
  "video.codec": "h264_vaapi",
  "chat.enabled": true,
  "chat.welcomeMessage": "null",
  "chat.joinMessages": false,
  "chat.establishedUsersOnly": true,
  "chat.spamProtection": false,
  "chat.slurFilter": true,
  "chat.requireAuthentication": true,
  "chat.forbiddenNames": ["admin", "the moderator"],
  "chat.suggestedNames": ["Ada", "Alan", "Barbara", "Dennis", "Donald", "Edsger", "Grace", "Ken", "Leslie", "Tony"],
  "chat.socketHost": "https://origin.example.org",
  "appearance.variables": { "theme-color-action": "#5277c3", "theme-rounded-corners": "4px" },
  "appearance.styles": "/* # */\n.header {\n\tcontent: '\\2014: ';\n}\n",
  "appearance.javascript": "  document.title += ': live' // # 1\n",
  "appearance.externalActions": [
    {
      title: "Ask: #1",
      url: "https://pad.example.org/",
      description: "pad",
      icon: "",
      color: "#5277c3",
      openExternally: true,
    },
    {
      title: "Rules",
      url: "",
      html: "<p>\n  Be kind.\n</p>\n",
      description: "",
      icon: "",
      color: "",
      openExternally: false,
    },
  ],
  "federation.enabled": true,
  "federation.followersOnly": true,
  "federation.showEngagement": false,
  "federation.username": "lectures",
  "federation.goLiveMessage": "",
  "federation.blockedDomains": ["spam.example"],
  "notifications.discord": { enabled: true, webhook: typedSecrets["discord-webhook"], goLiveMessage: "Live: now\n" },
  "notifications.browser": { enabled: false, goLiveMessage: "" },
  "storage.objectStorage": {
    enabled: true,
    endpoint: "https://s3.example.com",
    accessKey: typedSecrets["s3-access-key"],
    secret: typedSecrets["s3-secret-key"],
    bucket: "lectures",
    region: "eu-central-1",
    acl: "public-read",
    pathPrefix: "live",
    forcePathStyle: true,
  },
  "storage.servingEndpoint": "https://cdn.example.com",
  "access.streamKeys": [
    { key: typedSecrets["stream-key-moderator"], comment: "Moderator" },
    { key: typedSecrets["stream-key-camera-2"], comment: "Camera #2" },
  ],
};

/** Sends a setting like the admin page. Throws if Owncast refuses it. */
export async function click({ admin }: PlainOwncast, path: string, value: unknown): Promise<void> {
  const field = configFields.find((one) => one.path === path);
  if (!field) throw new Error(`${path}: no such setting`);
  await send(admin, `config/${field.meta.write}`, { value });
}

/** Changes all settings and resources of a stage file, the password last. Resolves to the access token that Owncast made. */
export async function clickEverything(owncast: PlainOwncast): Promise<string> {
  const { admin } = owncast;
  for (const [path, value] of Object.entries(clicked)) await click(owncast, path, value);
  await send(admin, "config/logo", { value: `data:image/svg+xml;base64,${svg().toString("base64")}` });
  const form = new FormData();
  form.set("favicon", new Blob([png("icon")], { type: "image/png" }), "favicon.png");
  await send(admin, "config/favicon", form);
  const data = `data:image/png;base64,${png("flake").toString("base64")}`;
  await send(admin, "emoji/upload", { name: "Snow_flake.png", data });
  for (const url of [
    "https://hooks.example/stage",
    typedSecrets["webhook-hooks-example"],
    typedSecrets["webhook-hooks-example-2"],
  ])
    await send(admin, "webhooks/create", { url, events: ["STREAM_STARTED", "CHAT"] });
  const made = await send(admin, "accesstokens/create", { name: "score board", scopes: ["CAN_SEND_MESSAGES"] });
  await send(admin, "config/adminpass", { value: typedSecrets["admin-password"] });
  return String((made as { accessToken: unknown }).accessToken);
}

/** Posts to the admin API. If it refuses, throws with its message. */
export async function send(admin: PlainOwncast["admin"], path: string, body: FormData | object): Promise<unknown> {
  const response = await admin(path, { method: "POST", body: body instanceof FormData ? body : JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}
