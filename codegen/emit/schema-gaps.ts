/** A rule of stage files that JSON Schema cannot express, so editors do not know it. `lectern check` and codegen check it. */
export interface SchemaGap {
  /** The setting that it is about. */
  readonly path: string;
  /** The rule, for the reference page. */
  readonly says: string;
  /** A stage that breaks only this rule. */
  readonly broken: object;
  /** The part of the schema that has the rule, if it is about several settings; `""`: the whole stage. */
  readonly holder?: string;
}

const rendition = { name: "SD", width: 854, height: 480, framerate: 30, bitrateKbps: 1000 };
const action = { title: "Ask", url: "https://pad.example.org/", html: "<p>" };
const ladder = (...list: readonly object[]) => ({ video: { ladder: list } });
const tracks = (...list: readonly object[]) => ({ captions: { tracks: list } });

/** All such rules. A test compares the list with the zod schema. */
export const schemaGaps: readonly SchemaGap[] = [
  {
    path: "video.ladder",
    says: "each rendition has a name of its own",
    broken: ladder(rendition, { ...rendition, bitrateKbps: 2000 }),
  },
  {
    path: "video.ladder",
    says: "the smallest rendition comes first",
    broken: ladder({ ...rendition, name: "HD", width: 1280, height: 720, bitrateKbps: 1600 }, rendition),
  },
  {
    path: "video.ladder",
    says: "a rendition with a larger frame has a higher bitrate",
    broken: ladder(rendition, { ...rendition, name: "HD", width: 1280, height: 720 }),
  },
  {
    path: "video.ladder",
    holder: "",
    says: "with `storage.objectStorage`, at most 1 rendition with latency `lowest`, 2 with `low`, 3 with `medium` or `high`, 5 with `highest`",
    broken: {
      video: { latency: "low", ladder: "lecture" },
      storage: {
        objectStorage: {
          ...{ enabled: true, endpoint: "https://s3.example.com", bucket: "lectures", region: "eu" },
          ...{ accessKey: { secret: "s3-access-key" }, secretKey: { secret: "s3-secret-key" } },
        },
      },
    },
  },
  {
    path: "video.ladder[]",
    says: "a rendition with `passthrough` has no size, frame rate or bitrates",
    broken: ladder({ ...rendition, passthrough: true }),
  },
  {
    path: "video.ladder[]",
    says: "a rendition without `passthrough` has a frame rate and a bitrate",
    broken: ladder({ name: "SD" }),
  },
  {
    path: "chat.suggestedNames",
    says: "no names, or at least ten",
    broken: { chat: { suggestedNames: ["Ada"] } },
  },
  {
    path: "chat.emoji.list",
    says: "each `name` once",
    broken: {
      chat: {
        emoji: {
          list: [
            { name: "a", file: "a.png" },
            { name: "a", file: "b.png" },
          ],
        },
      },
    },
  },
  {
    path: "appearance.externalActions[]",
    says: "either `url` or `html`",
    broken: { appearance: { externalActions: [action] } },
  },
  {
    path: "notifications.discord",
    says: "`enabled: true` needs `webhook`",
    broken: { notifications: { discord: { enabled: true } } },
  },
  {
    path: "storage.objectStorage",
    says: "`enabled: true` needs endpoint, bucket, region and both keys",
    broken: { storage: { objectStorage: { enabled: true } } },
  },
  {
    path: "integrations.webhooks.list",
    says: "each `url` once",
    broken: {
      integrations: {
        webhooks: {
          list: [
            { url: "https://a.example/", events: ["stream-started"] },
            { url: "https://a.example/", events: ["stream-stopped"] },
          ],
        },
      },
    },
  },
  {
    path: "integrations.webhooks.list[].events",
    says: "each event once",
    broken: {
      integrations: {
        webhooks: { list: [{ url: "https://a.example/", events: ["stream-started", "stream-started"] }] },
      },
    },
  },
  {
    path: "integrations.accessTokens.list",
    says: "each `name` once",
    broken: {
      integrations: {
        accessTokens: {
          list: [
            { name: "a", scopes: ["admin"] },
            { name: "a", scopes: ["send-messages"] },
          ],
        },
      },
    },
  },
  {
    path: "integrations.accessTokens.list[].scopes",
    says: "each scope once",
    broken: { integrations: { accessTokens: { list: [{ name: "a", scopes: ["admin", "admin"] }] } } },
  },
  {
    path: "captions.tracks",
    holder: "",
    says: "not with `storage.objectStorage`",
    broken: {
      captions: { tracks: [{ language: "en", source: "speech" }] },
      storage: {
        objectStorage: {
          ...{ enabled: true, endpoint: "https://s3.example.com", bucket: "lectures", region: "eu" },
          ...{ accessKey: { secret: "s3-access-key" }, secretKey: { secret: "s3-secret-key" } },
        },
      },
    },
  },
  {
    path: "captions.tracks[].language",
    holder: "captions.tracks",
    says: "each language once; capital and small letters count as the same",
    broken: tracks({ language: "pt-BR", source: "speech" }, { language: "pt-br", source: "push" }),
  },
  {
    path: "captions.tracks[]",
    holder: "captions.tracks",
    says: "a track with the source `translation` has `from`",
    broken: tracks({ language: "en", source: "speech" }, { language: "es", source: "translation" }),
  },
  {
    path: "captions.tracks[].from",
    holder: "captions.tracks",
    says: "only with the source `translation`, and the language of a track that is no translation",
    broken: tracks({ language: "en", source: "speech", from: "en" }),
  },
  {
    path: "captions.glossary",
    says: "each `heard` once",
    broken: {
      captions: {
        glossary: [
          { heard: "a", written: "b" },
          { heard: "a", written: "c" },
        ],
      },
    },
  },
];
