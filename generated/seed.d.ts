/*
 * Generated; do not edit.
 * Source: codegen/schema/
 * After an edit there: npm run codegen
 */

export interface Seed {
  /**
   * The stage's public address, which Owncast gives to its directory and to the Fediverse. Not for stage files: a host derives it from its domain, the command line takes `--server-url`. Owncast cannot clear it again, and its page works in no folder of a site.
   */
  serverUrl?: string;
  /**
   * What viewers read about the stage.
   */
  instance?: {
    /**
     * The stage's name: the page's heading, the browser tab, what a shared link shows.
     */
    name?: string;
    /**
     * One or two sentences under the name; also what search engines and link previews show.
     */
    summary?: string;
    /**
     * Words that describe the stream, shown as labels on the page. The list replaces Owncast's.
     *
     * @maxItems 30
     *
     * Items: A single tag, without the leading `#`.
     */
    tags?: string[];
    /**
     * The page's body below the video, in Markdown. Left out, Owncast's own text stays, and that one makes every viewer's browser call two other sites; set it, even to `""`, so that it does not.
     */
    pageText?: string;
    /**
     * Links to the team's other places, shown as icons. The list replaces Owncast's.
     *
     * @maxItems 30
     */
    socialHandles?: {
      /**
       * What the link is called. Owncast has icons for names such as `github`, `mastodon` or `matrix`, in lower case; any other name gets the icon of a link.
       */
      platform: string;
      /**
       * Where the link leads: `https://`, `http://`, `xmpp:`, `matrix:` or `mailto:`.
       */
      url: string;
    }[];
    /**
     * What the player shows while nothing is on air. Spaces around it are not kept.
     */
    offlineMessage?: string;
    /**
     * Whether the stream is marked as not safe for work, which hides it from Owncast's directory unless asked for.
     */
    nsfw?: boolean;
    /**
     * Whether the stage is listed in Owncast's public directory while it is live. Needs the stage's public address.
     */
    directory?: boolean;
    /**
     * Whether the page shows how many are watching.
     */
    showViewerCount?: boolean;
    /**
     * Whether search engines may list the page (its robots.txt).
     */
    searchIndexing?: boolean;
  };
  /**
   * Picture and sound, as it is applied.
   */
  video?: {
    /**
     * Buffer between camera and viewer, in segment lengths of 1 to 5 s: `low` for questions and answers, `high` for shaky networks.
     */
    latency?: "lowest" | "low" | "medium" | "high" | "highest";
    /**
     * The renditions that viewers' players choose from, smallest first. The list replaces Owncast's.
     *
     * @minItems 1
     * @maxItems 8
     */
    ladder?: {
      /**
       * What the viewer picks in the quality menu.
       */
      name: string;
      /**
       * Hands the camera's picture and sound on as they come: no encoder, no processor. Excludes everything else but the name. Every viewer then needs what the camera sends. Owncast can cut it at the camera's keyframes only: set the camera's keyframe interval to the segment length of `video.latency`, 1 to 5 s. Beside encoded renditions any other interval stops the players of viewers who change the quality.
       */
      passthrough?: true;
      /**
       * Picture width in pixels, even. Left out beside `height`: as wide as the camera's proportions ask for.
       */
      width?: number;
      /**
       * Picture height in pixels, even. Left out beside `width`: as high as the camera's proportions ask for. Without both, the picture has the camera's size.
       */
      height?: number;
      /**
       * Pictures per second.
       */
      framerate?: number;
      /**
       * Video bitrate as Owncast is sent it, in kbit/s; its encoder gets 192 less.
       */
      bitrateKbps?: number;
      /**
       * Sound bitrate in kbit/s. Left out, the sound is passed through as it comes from the camera.
       */
      audioBitrateKbps?: number;
      /**
       * Effort of the encoder: more looks better at the same bitrate and takes more processor. Left out: `medium`.
       */
      cpuUsage?: "lowest" | "low" | "medium" | "high" | "highest";
    }[];
    /**
     * The encoder. `libx264` runs on any processor; the others need a device that this machine must have, and without it every stream fails.
     */
    codec?: "libx264" | "h264_vaapi" | "h264_nvenc" | "h264_qsv" | "h264_omx" | "h264_v4l2m2m";
  };
  /**
   * The chat beside the video. Its emoji are files beside the seed.
   */
  chat?: {
    /**
     * Whether viewers have a chat beside the video.
     */
    enabled?: boolean;
    /**
     * What a viewer reads on joining the chat. Spaces around it are not kept.
     */
    welcomeMessage?: string;
    /**
     * Whether the chat says who joins.
     */
    joinMessages?: boolean;
    /**
     * Whether only those may write who have been in the chat for a while, against crowds that come to disturb.
     */
    establishedUsersOnly?: boolean;
    /**
     * Whether the chat slows down those who write too much.
     */
    spamProtection?: boolean;
    /**
     * Whether messages with slurs are held back.
     */
    slurFilter?: boolean;
    /**
     * Whether only viewers who logged in, by IndieAuth or the Fediverse, may write.
     */
    requireAuthentication?: boolean;
    /**
     * Names that nobody may take in the chat. The list replaces Owncast's; Owncast knows no empty one.
     *
     * @minItems 1
     * @maxItems 500
     */
    forbiddenNames?: string[];
    /**
     * Names from which newcomers get one. Owncast ignores a list of fewer than ten; `[]` brings its own names back.
     *
     * @maxItems 500
     */
    suggestedNames?: string[];
    /**
     * The host of the chat's websocket if it is not the page's own, such as the origin behind a CDN without websockets; `""` for none. Only its name counts: the page connects to `/ws` there, on its own port, by `wss://` if the page itself came by https.
     */
    socketHost?: string;
    /**
     * Pictures for the chat, beside those that Owncast brings along.
     */
    emoji?: {
      /**
       * The pictures.
       *
       * @maxItems 200
       */
      list: {
        /**
         * What is typed between colons, in capitals or not, and the name of the picture's file on the server.
         */
        name: string;
        /**
         * The file's name in the folder that lies beside the seed and has its name.
         */
        file: string;
        /**
         * SHA-256 of the file's bytes, in lower-case hexadecimal.
         */
        sha256: string;
      }[];
      /**
       * Whether emoji that are not in the list are removed, Owncast's own 90 among them. Without it they stay, and are named.
       */
      prune?: boolean;
    };
  };
  /**
   * How the page looks. Its pictures are files beside the seed.
   */
  appearance?: {
    /**
     * The page's colours and corners: Owncast's CSS variables without the leading dashes. The mapping replaces Owncast's.
     */
    variables?: {
      [k: string]: string;
    };
    /**
     * CSS that is added to the page.
     */
    styles?: string;
    /**
     * JavaScript that every viewer's browser runs on the page.
     */
    javascript?: string;
    /**
     * Buttons above the page's text that open something beside the video. The list replaces Owncast's.
     *
     * @maxItems 20
     */
    externalActions?: {
      /**
       * What the button says.
       */
      title: string;
      /**
       * The page that it opens. Either this or `html`.
       */
      url?: string;
      /**
       * HTML that it shows instead of a page.
       */
      html?: string;
      /**
       * What the button says when pointed at.
       */
      description?: string;
      /**
       * Address of a picture on the button.
       */
      icon?: string;
      /**
       * Colour of the button.
       */
      color?: string;
      /**
       * Whether the page opens in a window of its own instead of over the video.
       */
      openExternally?: boolean;
    }[];
    /**
     * The stage's picture, on the page and wherever a link is shared: a PNG, JPEG or SVG file of at most 1 MB.
     */
    logo?: {
      /**
       * The file's name in the folder that lies beside the seed and has its name.
       */
      file: string;
      /**
       * SHA-256 of the file's bytes, in lower-case hexadecimal.
       */
      sha256: string;
    };
    /**
     * The icon in the browser's tab: a PNG or ICO file of at most 200 kB.
     */
    favicon?: {
      /**
       * The file's name in the folder that lies beside the seed and has its name.
       */
      file: string;
      /**
       * SHA-256 of the file's bytes, in lower-case hexadecimal.
       */
      sha256: string;
    };
  };
  /**
   * The stage's account in the Fediverse (ActivityPub).
   */
  federation?: {
    /**
     * Whether people can follow the stage from the Fediverse. Needs the stage's public address.
     */
    enabled?: boolean;
    /**
     * Whether followers must be approved and posts reach only them.
     */
    followersOnly?: boolean;
    /**
     * Whether the chat says who follows, likes or shares.
     */
    showEngagement?: boolean;
    /**
     * The account's name: what stands before the stage's host name in `@name@host`.
     */
    username?: string;
    /**
     * What followers are told when the stream starts; `""` tells them nothing.
     */
    goLiveMessage?: string;
    /**
     * Servers whose people may not follow. The list replaces Owncast's.
     *
     * @maxItems 1000
     */
    blockedDomains?: string[];
  };
  /**
   * Who is told when the stream starts.
   */
  notifications?: {
    /**
     * A Discord channel that is told when the stream starts. Replaced as a whole.
     */
    discord?: {
      /**
       * Whether the channel is told when the stream starts.
       */
      enabled: boolean;
      /**
       * The channel's webhook address, by the name of its secret: whoever has it can write there.
       */
      webhook?: {
        /**
         * A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
         */
        secret: string;
      };
      /**
       * What is said when the stream starts.
       */
      goLiveMessage?: string;
    };
    /**
     * Notifications in viewers' browsers, for those who ask for them on the page. Replaced as a whole.
     */
    browser?: {
      /**
       * Whether the page offers it.
       */
      enabled: boolean;
      /**
       * What is said when the stream starts.
       */
      goLiveMessage?: string;
    };
  };
  /**
   * Where segments lie and are fetched from.
   */
  storage?: {
    /**
     * Object storage (S3) for the segments, when more watch than this machine can serve. Replaced as a whole.
     */
    objectStorage?: {
      /**
       * Whether segments go to object storage; then endpoint, bucket, region and both keys must stand here too.
       */
      enabled: boolean;
      /**
       * The service's address. Players find the bucket below it, unless `storage.servingEndpoint` says otherwise.
       */
      endpoint?: string;
      /**
       * The bucket's name.
       */
      bucket?: string;
      /**
       * The service's region.
       */
      region?: string;
      /**
       * The access key, by the name of its secret.
       */
      accessKey?: {
        /**
         * A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
         */
        secret: string;
      };
      /**
       * The secret key, by the name of its secret.
       */
      secretKey?: {
        /**
         * A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
         */
        secret: string;
      };
      /**
       * Canned access rule for what is uploaded.
       */
      acl?: string;
      /**
       * Folder in the bucket.
       */
      pathPrefix?: string;
      /**
       * Whether the bucket stands in the path rather than in the host name, as Garage wants it.
       */
      pathStyle?: boolean;
    };
    /**
     * Where players fetch segments from instead of this machine or the bucket, such as a CDN's address; `""` for none. Owncast writes `/hls/…` behind it: a path is kept.
     */
    servingEndpoint?: string;
  };
  /**
   * Other programs: which are told of events, and which may do something themselves.
   */
  integrations?: {
    /**
     * Addresses of programs that are told what happens on the stage; each is known by its `url`. If Owncast cannot reach one, its log holds the whole address.
     */
    webhooks?: {
      /**
       * The addresses.
       *
       * @maxItems 50
       */
      list: {
        /**
         * Where Owncast posts the event: an address, or `{ secret: … }` with the name of the secret that holds it. Everybody can read a stage file and the Nix store: an address with a password or a token in it belongs in a secret.
         */
        url:
          | string
          | {
              /**
               * A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
               */
              secret: string;
            };
        /**
         * What it is told of.
         *
         * @minItems 1
         * @maxItems 9
         */
        events: (
          | "chat-message"
          | "name-changed"
          | "user-joined"
          | "user-left"
          | "stream-started"
          | "stream-stopped"
          | "stream-title-changed"
          | "message-visibility-changed"
          | "fediverse-follow"
        )[];
      }[];
      /**
       * Whether webhooks that are not in the list are removed. Without it they stay, and are named.
       */
      prune?: boolean;
    };
    /**
     * Programs that may use Owncast's interface, each known by its `name`. Owncast makes the token; it is left in `tokens/<name>` of the state folder, for its owner alone. Other scopes for a name mean another token.
     */
    accessTokens?: {
      /**
       * The programs.
       *
       * @maxItems 50
       */
      list: {
        /**
         * The program's name: in the chat, and of the file in which its token is left for it.
         */
        name: string;
        /**
         * What it may do.
         *
         * @minItems 1
         * @maxItems 3
         */
        scopes: ("send-messages" | "send-system-messages" | "admin")[];
      }[];
      /**
       * Whether tokens that are not in the list are revoked. Without it they stay, and are named.
       */
      prune?: boolean;
    };
  };
  /**
   * Who may publish and who may administer, as it is applied: both always, for Owncast's defaults are public.
   */
  access: {
    /**
     * The password of the admin page (user `admin`), by the name of its secret. Left out of a stage file: `admin-password`.
     */
    adminPassword: {
      /**
       * A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
       */
      secret: string;
    };
    /**
     * Who may publish: one key each, by the name of its secret. The list replaces Owncast's, whose default key is public. Left out of a stage file: one key, `stream-key`.
     *
     * @minItems 1
     * @maxItems 50
     */
    streamKeys: {
      /**
       * A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
       */
      secret: string;
      /**
       * Whose key it is.
       */
      comment?: string;
    }[];
  };
}
