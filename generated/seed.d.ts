/*
 * Generated; do not edit.
 * Source: codegen/schema/
 * After an edit there: npm run codegen
 */

export interface Seed {
  /**
   * The stage's public address, which Owncast gives to its directory and to the Fediverse. It is not for stage files: a host derives it from its domain, and the command line takes `--server-url`. Owncast cannot clear it again. Its page works only at the root of a site.
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
     * The page's body below the video, in Markdown. If it is left out, Owncast's own text stays, and that text makes every viewer's browser contact two other sites. Set it, even to `""`, to prevent this.
     */
    pageText?: string;
    /**
     * Links to the team's other sites and accounts, shown as icons. The list replaces Owncast's.
     *
     * @maxItems 30
     */
    socialHandles?: {
      /**
       * The link's name. Owncast has icons for names such as `github`, `mastodon` or `matrix`, in lower case. Any other name gets a generic icon.
       */
      platform: string;
      /**
       * Where the link leads: `https://`, `http://`, `xmpp:`, `matrix:` or `mailto:`.
       */
      url: string;
    }[];
    /**
     * The message that the player shows while nothing is on air. It may not start or end with a space.
     */
    offlineMessage?: string;
    /**
     * Whether the stream is marked as not safe for work. Owncast's directory then shows it only to people who ask for such streams.
     */
    nsfw?: boolean;
    /**
     * Whether the stage is listed in Owncast's public directory while it is live. Needs the stage's public address.
     */
    directory?: boolean;
    /**
     * Whether the page shows how many people watch.
     */
    showViewerCount?: boolean;
    /**
     * Whether search engines may list the page (its robots.txt).
     */
    searchIndexing?: boolean;
  };
  /**
   * Video and sound, as a seed has them.
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
       * Passes the camera's video and sound on unchanged, without an encoder. Only `name` may stand beside it. Every viewer's network and device must then manage what the camera sends. Owncast can cut segments only at the camera's keyframes: set the camera's keyframe interval to the segment length of `video.latency`, 1 to 5 s. If there are encoded renditions too, any other interval stops the players of viewers who change the quality.
       */
      passthrough?: true;
      /**
       * Width in pixels, an even number. If only `height` is set, the width follows from the camera's aspect ratio.
       */
      width?: number;
      /**
       * Height in pixels, an even number. If only `width` is set, the height follows from the camera's aspect ratio. If neither is set, the rendition has the camera's size.
       */
      height?: number;
      /**
       * Frames per second.
       */
      framerate?: number;
      /**
       * Video bitrate in kbit/s, as it is sent to Owncast. Owncast's encoder gets 192 kbit/s less.
       */
      bitrateKbps?: number;
      /**
       * Sound bitrate in kbit/s. If it is left out, the camera's sound is passed on unchanged.
       */
      audioBitrateKbps?: number;
      /**
       * Effort of the encoder. More effort looks better at the same bitrate and takes more processor time. If it is left out: `medium`. Owncast 0.2.5 encodes all renditions with the level of the last one that it encodes.
       */
      cpuUsage?: "lowest" | "low" | "medium" | "high" | "highest";
    }[];
    /**
     * The encoder. `libx264` runs on any processor. Each of the others needs a device; on a machine without it, every stream fails.
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
     * The message that a viewer reads on joining the chat. It may not start or end with a space.
     */
    welcomeMessage?: string;
    /**
     * Whether the chat announces who joins.
     */
    joinMessages?: boolean;
    /**
     * Whether only people who have been in the chat for a while may write. It helps against crowds that come to disturb.
     */
    establishedUsersOnly?: boolean;
    /**
     * Whether the chat slows down people who write too much.
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
     * Names that nobody may take in the chat. The list replaces Owncast's and cannot be empty.
     *
     * @minItems 1
     * @maxItems 500
     */
    forbiddenNames?: string[];
    /**
     * Newcomers get one of these names. Owncast ignores a list of fewer than ten; with `[]` it uses its own names.
     *
     * @maxItems 500
     */
    suggestedNames?: string[];
    /**
     * The host of the chat's websocket, if it is not the page's own: for example the origin server of a CDN that carries no websockets. `""` means the page's own host. The page uses only the host name. It connects to `/ws` there, on the page's own port, and by `wss://` if the page was loaded by https.
     */
    socketHost?: string;
    /**
     * Emoji for the chat, in addition to Owncast's own.
     */
    emoji?: {
      /**
       * The pictures.
       *
       * @maxItems 200
       */
      list: {
        /**
         * The word that people type between colons, in any case. The picture's file on the server has the same name.
         */
        name: string;
        /**
         * The file's name in the folder beside the seed, which has the seed's name.
         */
        file: string;
        /**
         * SHA-256 of the file's bytes, in lower-case hexadecimal.
         */
        sha256: string;
      }[];
      /**
       * Whether to remove emoji that are not in the list, including Owncast's own 90. Without it, `plan` and `apply` only name them.
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
       * The page that the button opens. Set either this or `html`.
       */
      url?: string;
      /**
       * HTML that the button shows instead of a page.
       */
      html?: string;
      /**
       * The button's tooltip.
       */
      description?: string;
      /**
       * Address of the button's icon.
       */
      icon?: string;
      /**
       * Colour of the button.
       */
      color?: string;
      /**
       * Whether the page opens in a new window instead of over the video.
       */
      openExternally?: boolean;
    }[];
    /**
     * The stage's logo, on the page and in link previews: a PNG, JPEG or SVG file of at most 1 MB.
     */
    logo?: {
      /**
       * The file's name in the folder beside the seed, which has the seed's name.
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
       * The file's name in the folder beside the seed, which has the seed's name.
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
     * Whether followers need approval, and only followers get the posts.
     */
    followersOnly?: boolean;
    /**
     * Whether the chat announces who follows, likes or shares.
     */
    showEngagement?: boolean;
    /**
     * The account's name: the part before the stage's host name in `@name@host`.
     */
    username?: string;
    /**
     * The post that followers get when the stream starts; `""` for none.
     */
    goLiveMessage?: string;
    /**
     * Servers whose users may not follow the stage. The list replaces Owncast's.
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
     * A Discord channel that gets a message when the stream starts. It is replaced as a whole.
     */
    discord?: {
      /**
       * Whether the channel gets a message when the stream starts.
       */
      enabled: boolean;
      /**
       * The channel's webhook address, by the name of its secret: everybody who has the address can write there.
       */
      webhook?: {
        /**
         * A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
         */
        secret: string;
      };
      /**
       * The message that is sent when the stream starts.
       */
      goLiveMessage?: string;
    };
    /**
     * Notifications in the browsers of viewers who ask for them on the page. They are replaced as a whole.
     */
    browser?: {
      /**
       * Whether the page offers notifications.
       */
      enabled: boolean;
      /**
       * The message that is sent when the stream starts.
       */
      goLiveMessage?: string;
    };
  };
  /**
   * Where segments are stored, and where players fetch them.
   */
  storage?: {
    /**
     * Object storage (S3) for the segments, if more people watch than this machine can serve. It is replaced as a whole.
     */
    objectStorage?: {
      /**
       * Whether segments go to object storage. If so, endpoint, bucket, region and both keys are required.
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
         * A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
         */
        secret: string;
      };
      /**
       * The secret key, by the name of its secret.
       */
      secretKey?: {
        /**
         * A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
         */
        secret: string;
      };
      /**
       * Canned ACL of uploaded files.
       */
      acl?: string;
      /**
       * Folder in the bucket.
       */
      pathPrefix?: string;
      /**
       * Whether the bucket's name goes into the path and not into the host name, as Garage requires.
       */
      pathStyle?: boolean;
    };
    /**
     * The address from which players fetch segments instead of this machine or the bucket, for example a CDN's; `""` for none. Owncast appends `/hls/…` to it, also to a path.
     */
    servingEndpoint?: string;
  };
  /**
   * Other programs: those that get events, and those that may use Owncast's API.
   */
  integrations?: {
    /**
     * Addresses to which Owncast posts what happens on the stage, each known by its `url`. If Owncast cannot reach one, its log shows the whole address.
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
               * A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
               */
              secret: string;
            };
        /**
         * The events that Owncast posts.
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
       * Whether to remove webhooks that are not in the list. Without it, `plan` and `apply` only name them.
       */
      prune?: boolean;
    };
    /**
     * Programs that may use Owncast's API, each known by its `name`. Owncast makes the token. Lectern writes it to `tokens/<name>` in the state folder, and only that folder's owner can read it. If the scopes of a name change, it gets a new token.
     */
    accessTokens?: {
      /**
       * The programs.
       *
       * @maxItems 50
       */
      list: {
        /**
         * The program's name in the chat. The file that holds its token has the same name.
         */
        name: string;
        /**
         * What the program may do.
         *
         * @minItems 1
         * @maxItems 3
         */
        scopes: ("send-messages" | "send-system-messages" | "admin")[];
      }[];
      /**
       * Whether to revoke tokens that are not in the list. Without it, `plan` and `apply` only name them.
       */
      prune?: boolean;
    };
  };
  /**
   * Who may publish and who may administer. A seed always has both, because Owncast's defaults are public.
   */
  access: {
    /**
     * The password of the admin page (user `admin`), by the name of its secret. If a stage file leaves it out, the secret is `admin-password`.
     */
    adminPassword: {
      /**
       * A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
       */
      secret: string;
    };
    /**
     * The stream keys, each by the name of its secret. The list replaces Owncast's, whose default key is public. If a stage file leaves it out, there is one key, `stream-key`.
     *
     * @minItems 1
     * @maxItems 50
     */
    streamKeys: {
      /**
       * A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
       */
      secret: string;
      /**
       * Whose key it is.
       */
      comment?: string;
    }[];
  };
  /**
   * Live captions in the player.
   */
  captions?: {
    /**
     * The caption tracks that viewers can choose, in the order of the player's list. None is shown until a viewer chooses it.
     *
     * @minItems 1
     * @maxItems 8
     */
    tracks?: {
      /**
       * The track's language as a BCP 47 code. It is a part of addresses, of file names, and of the names of the track's secrets.
       */
      language: string;
      /**
       * The name that viewers read in the player's list. Without it, it is the language's own name. Automatic tracks get a label behind it.
       */
      name?: string;
      /**
       * Where the words come from. `speech`: a speech server hears the stage's own sound. `interpreter`: it hears an interpreter, who publishes with the stream key in the secret `interpreter-key-LANGUAGE`. `translation`: the words of another track, translated. `push`: a human captioner, whose tool shows the token in the secret `captions-token-LANGUAGE`.
       */
      source: "speech" | "interpreter" | "translation" | "push";
      /**
       * With `translation`: the language of the track that is translated.
       */
      from?: string;
    }[];
    /**
     * Words that the speech engine writes wrongly, and their right form.
     *
     * @maxItems 500
     */
    glossary?: {
      /**
       * What the engine writes: one to eight words in lower case, with single spaces.
       */
      heard: string;
      /**
       * What the caption says instead. It always stays on one line.
       */
      written: string;
    }[];
    /**
     * Words that a speech engine should favour, in lower case. Engines that cannot favour words ignore them.
     *
     * @maxItems 200
     */
    favour?: string[];
    /**
     * Who may read the transcript, which holds all captions of an event. `private`: it stays on the host, for `lectern transcript`. `published`: viewers can also download it from the stage's site, below `/transcripts/`.
     */
    transcript?: "private" | "published";
  };
  /**
   * Trying out the stage with many viewers before the audience comes.
   */
  rehearsal?: {
    /**
     * Whether a rehearsal may send many viewers to this stage. The program must show the stage's token: the secret `rehearsal-token`, which the host makes. Set it to `false` before the audience comes.
     */
    enable?: boolean;
  };
}
