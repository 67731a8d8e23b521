/*
 * Generated; do not edit.
 * Source: codegen/schema/
 * After an edit there: npm run codegen
 */

export interface Seed {
  serverUrl?: string;
  instance?: {
    name?: string;
    summary?: string;
    /**
     * @maxItems 30
     */
    tags?: string[];
    pageText?: string;
    /**
     * @maxItems 30
     */
    socialHandles?: {
      platform: string;
      url: string;
    }[];
    offlineMessage?: string;
    nsfw?: boolean;
    directory?: boolean;
    showViewerCount?: boolean;
    searchIndexing?: boolean;
  };
  video?: {
    latency?: "lowest" | "low" | "medium" | "high" | "highest";
    /**
     * @minItems 1
     * @maxItems 8
     */
    ladder?: {
      name: string;
      passthrough?: true;
      width?: number;
      height?: number;
      framerate?: number;
      bitrateKbps?: number;
      audioBitrateKbps?: number;
      cpuUsage?: "lowest" | "low" | "medium" | "high" | "highest";
    }[];
    codec?: "libx264" | "h264_vaapi" | "h264_nvenc" | "h264_qsv" | "h264_omx" | "h264_v4l2m2m";
  };
  chat?: {
    enabled?: boolean;
    welcomeMessage?: string;
    joinMessages?: boolean;
    establishedUsersOnly?: boolean;
    spamProtection?: boolean;
    slurFilter?: boolean;
    requireAuthentication?: boolean;
    /**
     * @minItems 1
     * @maxItems 500
     */
    forbiddenNames?: string[];
    /**
     * @maxItems 500
     */
    suggestedNames?: string[];
    socketHost?: string;
    emoji?: {
      /**
       * @maxItems 200
       */
      list: {
        name: string;
        file: string;
        sha256: string;
      }[];
      prune?: boolean;
    };
  };
  appearance?: {
    variables?: {
      [k: string]: string;
    };
    styles?: string;
    javascript?: string;
    /**
     * @maxItems 20
     */
    externalActions?: {
      title: string;
      url?: string;
      html?: string;
      description?: string;
      icon?: string;
      color?: string;
      openExternally?: boolean;
    }[];
    logo?: {
      file: string;
      sha256: string;
    };
    favicon?: {
      file: string;
      sha256: string;
    };
  };
  federation?: {
    enabled?: boolean;
    followersOnly?: boolean;
    showEngagement?: boolean;
    username?: string;
    goLiveMessage?: string;
    /**
     * @maxItems 1000
     */
    blockedDomains?: string[];
  };
  notifications?: {
    discord?: {
      enabled: boolean;
      webhook?: {
        secret: string;
      };
      goLiveMessage?: string;
    };
    browser?: {
      enabled: boolean;
      goLiveMessage?: string;
    };
  };
  storage?: {
    objectStorage?: {
      enabled: boolean;
      endpoint?: string;
      bucket?: string;
      region?: string;
      accessKey?: {
        secret: string;
      };
      secretKey?: {
        secret: string;
      };
      acl?: string;
      pathPrefix?: string;
      pathStyle?: boolean;
    };
    servingEndpoint?: string;
  };
  integrations?: {
    webhooks?: {
      /**
       * @maxItems 50
       */
      list: {
        url:
          | string
          | {
              secret: string;
            };
        /**
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
      prune?: boolean;
    };
    accessTokens?: {
      /**
       * @maxItems 50
       */
      list: {
        name: string;
        /**
         * @minItems 1
         * @maxItems 3
         */
        scopes: ("send-messages" | "send-system-messages" | "admin")[];
      }[];
      prune?: boolean;
    };
  };
  access: {
    adminPassword: {
      secret: string;
    };
    /**
     * @minItems 1
     * @maxItems 50
     */
    streamKeys: {
      secret: string;
      comment?: string;
    }[];
  };
}
