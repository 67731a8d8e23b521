# Generated; do not edit.
# Source: codegen/schema/
# After an edit there: npm run codegen
{ lib }:
let
  # A list that is replaced as a whole: two definitions of the same weight are an error, never a concatenation.
  listBetween =
    min: max: type:
    lib.types.addCheck (lib.types.uniq (lib.types.listOf type)) (
      list: lib.length list >= min && lib.length list <= max
    )
    // {
      description = "list of ${toString min} to ${toString max} entries, each: ${type.description}";
      # The module system rebuilds a type that has submodules by this function; the inherited one would drop the check.
      substSubModules = modules: listBetween min max (type.substSubModules modules);
    };
in
{
  serverUrl = lib.mkOption {
    type = lib.types.nullOr lib.types.str;
    default = null;
    example = "https://live.example.org";
    description = ''
      The stage's public address, which Owncast gives to its directory and to the Fediverse. Not for stage files: a host derives it from its domain, the command line takes `--server-url`. Owncast cannot clear it again, and its page works in no folder of a site.
    '';
  };
  instance = {
    name = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "Public Lecture Series";
      description = ''
        The stage's name: the page's heading, the browser tab, what a shared link shows.
      '';
    };
    summary = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "A lecture every Tuesday at 17:00 UTC, with questions afterwards.";
      description = ''
        One or two sentences under the name; also what search engines and link previews show.
      '';
    };
    tags = lib.mkOption {
      type = lib.types.nullOr (listBetween 0 30 lib.types.str);
      default = null;
      example = [
        "nix"
        "lecture"
      ];
      description = ''
        Words that describe the stream, shown as labels on the page. The list replaces Owncast's.
      '';
    };
    pageText = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "## Welcome\n\nQuestions go to the chat.";
      description = ''
        The page's body below the video, in Markdown. Left out, Owncast's own text stays, and that one makes every viewer's browser call two other sites; set it, even to `""`, so that it does not.
      '';
    };
    socialHandles = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 0 30 (
          lib.types.submodule {
            options = {
              platform = lib.mkOption {
                type = lib.types.str;
                example = "github";
                description = ''
                  What the link is called. Owncast has icons for names such as `github`, `mastodon` or `matrix`, in lower case; any other name gets the icon of a link.
                '';
              };
              url = lib.mkOption {
                type = lib.types.str;
                example = "https://github.com/NixOS";
                description = ''
                  Where the link leads: `https://`, `http://`, `xmpp:`, `matrix:` or `mailto:`.
                '';
              };
            };
          }
        )
      );
      default = null;
      example = [
        {
          platform = "github";
          url = "https://github.com/NixOS";
        }
      ];
      description = ''
        Links to the team's other places, shown as icons. The list replaces Owncast's.
      '';
    };
    offlineMessage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "The next lecture is on Tuesday at 17:00 UTC.";
      description = ''
        What the player shows while nothing is on air. Spaces around it are not kept.
      '';
    };
    nsfw = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether the stream is marked as not safe for work, which hides it from Owncast's directory unless asked for.
      '';
    };
    directory = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether the stage is listed in Owncast's public directory while it is live. Needs the stage's public address.
      '';
    };
    showViewerCount = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether the page shows how many are watching.
      '';
    };
    searchIndexing = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether search engines may list the page (its robots.txt).
      '';
    };
  };
  video = {
    latency = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.enum [
          "lowest"
          "low"
          "medium"
          "high"
          "highest"
        ]
      );
      default = null;
      example = "low";
      description = ''
        Buffer between camera and viewer, in segment lengths of 1 to 5 s: `low` for questions and answers, `high` for shaky networks.
      '';
    };
    ladder = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 1 8 (
          lib.types.submodule {
            options = {
              name = lib.mkOption {
                type = lib.types.str;
                example = "HD";
                description = ''
                  What the viewer picks in the quality menu.
                '';
              };
              passthrough = lib.mkOption {
                type = lib.types.nullOr (lib.types.enum [ true ]);
                default = null;
                example = true;
                description = ''
                  Hands the camera's picture and sound on as they come: no encoder, no processor. Excludes everything else but the name. Every viewer then needs what the camera sends. Owncast can cut it at the camera's keyframes only: set the camera's keyframe interval to the segment length of `video.latency`, 1 to 5 s. Beside encoded renditions any other interval stops the players of viewers who change the quality.
                '';
              };
              width = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 64 7680);
                default = null;
                example = 1280;
                description = ''
                  Picture width in pixels, even. Left out beside `height`: as wide as the camera's proportions ask for.
                '';
              };
              height = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 64 4320);
                default = null;
                example = 720;
                description = ''
                  Picture height in pixels, even. Left out beside `width`: as high as the camera's proportions ask for. Without both, the picture has the camera's size.
                '';
              };
              framerate = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 10 60);
                default = null;
                example = 30;
                description = ''
                  Pictures per second.
                '';
              };
              bitrateKbps = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 400 20000);
                default = null;
                example = 1600;
                description = ''
                  Video bitrate as Owncast is sent it, in kbit/s; its encoder gets 192 less.
                '';
              };
              audioBitrateKbps = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 32 320);
                default = null;
                example = 128;
                description = ''
                  Sound bitrate in kbit/s. Left out, the sound is passed through as it comes from the camera.
                '';
              };
              cpuUsage = lib.mkOption {
                type = lib.types.nullOr (
                  lib.types.enum [
                    "lowest"
                    "low"
                    "medium"
                    "high"
                    "highest"
                  ]
                );
                default = null;
                example = "low";
                description = ''
                  Effort of the encoder: more looks better at the same bitrate and takes more processor. Left out: `medium`.
                '';
              };
            };
          }
        )
      );
      default = null;
      example = [
        {
          name = "HD";
          width = 1280;
          height = 720;
          framerate = 30;
          bitrateKbps = 1600;
        }
      ];
      description = ''
        The renditions that viewers' players choose from, smallest first. The list replaces Owncast's.
      '';
    };
    codec = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.enum [
          "libx264"
          "h264_vaapi"
          "h264_nvenc"
          "h264_qsv"
          "h264_omx"
          "h264_v4l2m2m"
        ]
      );
      default = null;
      example = "libx264";
      description = ''
        The encoder. `libx264` runs on any processor; the others need a device that this machine must have, and without it every stream fails.
      '';
    };
  };
  chat = {
    enabled = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether viewers have a chat beside the video.
      '';
    };
    welcomeMessage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "Questions are read out at the end.";
      description = ''
        What a viewer reads on joining the chat. Spaces around it are not kept.
      '';
    };
    joinMessages = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether the chat says who joins.
      '';
    };
    establishedUsersOnly = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether only those may write who have been in the chat for a while, against crowds that come to disturb.
      '';
    };
    spamProtection = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether the chat slows down those who write too much.
      '';
    };
    slurFilter = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether messages with slurs are held back.
      '';
    };
    requireAuthentication = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether only viewers who logged in, by IndieAuth or the Fediverse, may write.
      '';
    };
    forbiddenNames = lib.mkOption {
      type = lib.types.nullOr (listBetween 1 500 lib.types.str);
      default = null;
      example = [
        "owncast"
        "admin"
        "moderator"
      ];
      description = ''
        Names that nobody may take in the chat. The list replaces Owncast's; Owncast knows no empty one.
      '';
    };
    suggestedNames = lib.mkOption {
      type = lib.types.nullOr (listBetween 0 500 lib.types.str);
      default = null;
      example = [
        "Ada"
        "Alan"
        "Barbara"
        "Dennis"
        "Donald"
        "Edsger"
        "Grace"
        "Ken"
        "Leslie"
        "Tony"
      ];
      description = ''
        Names from which newcomers get one. Owncast ignores a list of fewer than ten; `[]` brings its own names back.
      '';
    };
    socketHost = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "https://origin.example.org";
      description = ''
        The host of the chat's websocket if it is not the page's own, such as the origin behind a CDN without websockets; `""` for none. Only its name counts: the page connects to `/ws` there, on its own port, by `wss://` if the page itself came by https.
      '';
    };
    emoji = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            list = lib.mkOption {
              type = listBetween 0 200 (
                lib.types.submodule {
                  options = {
                    name = lib.mkOption {
                      type = lib.types.str;
                      example = "snowflake";
                      description = ''
                        What is typed between colons, in capitals or not, and the name of the picture's file on the server.
                      '';
                    };
                    file = lib.mkOption {
                      type = lib.types.str;
                      example = "emoji-snowflake.svg";
                      description = ''
                        The file's name in the folder that lies beside the seed and has its name.
                      '';
                    };
                    sha256 = lib.mkOption {
                      type = lib.types.str;
                      example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
                      description = ''
                        SHA-256 of the file's bytes, in lower-case hexadecimal.
                      '';
                    };
                  };
                }
              );
              example = [
                {
                  name = "snowflake";
                  file = "emoji-snowflake.svg";
                  sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
                }
              ];
              description = ''
                The pictures.
              '';
            };
            prune = lib.mkOption {
              type = lib.types.nullOr lib.types.bool;
              default = null;
              example = true;
              description = ''
                Whether emoji that are not in the list are removed, Owncast's own 90 among them. Without it they stay, and are named.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        list = [
          {
            name = "snowflake";
            file = "emoji-snowflake.svg";
            sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
          }
        ];
      };
      description = ''
        Pictures for the chat, beside those that Owncast brings along.
      '';
    };
  };
  appearance = {
    variables = lib.mkOption {
      type = lib.types.nullOr (lib.types.attrsOf lib.types.str);
      default = null;
      example = {
        theme-color-action = "#5277c3";
        theme-rounded-corners = "4px";
      };
      description = ''
        The page's colours and corners: Owncast's CSS variables without the leading dashes. The mapping replaces Owncast's.
      '';
    };
    styles = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = ".header { letter-spacing: 0.05em; }";
      description = ''
        CSS that is added to the page.
      '';
    };
    javascript = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "document.title += ' live';";
      description = ''
        JavaScript that every viewer's browser runs on the page.
      '';
    };
    externalActions = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 0 20 (
          lib.types.submodule {
            options = {
              title = lib.mkOption {
                type = lib.types.str;
                example = "Ask a question";
                description = ''
                  What the button says.
                '';
              };
              url = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "https://pad.example.org/questions";
                description = ''
                  The page that it opens. Either this or `html`.
                '';
              };
              html = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "<p>Questions are collected in the chat.</p>";
                description = ''
                  HTML that it shows instead of a page.
                '';
              };
              description = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "Opens the pad with the questions";
                description = ''
                  What the button says when pointed at.
                '';
              };
              icon = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "https://pad.example.org/icon.png";
                description = ''
                  Address of a picture on the button.
                '';
              };
              color = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "#5277c3";
                description = ''
                  Colour of the button.
                '';
              };
              openExternally = lib.mkOption {
                type = lib.types.nullOr lib.types.bool;
                default = null;
                example = true;
                description = ''
                  Whether the page opens in a window of its own instead of over the video.
                '';
              };
            };
          }
        )
      );
      default = null;
      example = [
        {
          title = "Ask a question";
          url = "https://pad.example.org/questions";
        }
      ];
      description = ''
        Buttons above the page's text that open something beside the video. The list replaces Owncast's.
      '';
    };
    logo = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            file = lib.mkOption {
              type = lib.types.str;
              example = "logo.png";
              description = ''
                The file's name in the folder that lies beside the seed and has its name.
              '';
            };
            sha256 = lib.mkOption {
              type = lib.types.str;
              example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
              description = ''
                SHA-256 of the file's bytes, in lower-case hexadecimal.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        file = "logo.png";
        sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
      };
      description = ''
        The stage's picture, on the page and wherever a link is shared: a PNG, JPEG or SVG file of at most 1 MB.
      '';
    };
    favicon = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            file = lib.mkOption {
              type = lib.types.str;
              example = "favicon.png";
              description = ''
                The file's name in the folder that lies beside the seed and has its name.
              '';
            };
            sha256 = lib.mkOption {
              type = lib.types.str;
              example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
              description = ''
                SHA-256 of the file's bytes, in lower-case hexadecimal.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        file = "favicon.png";
        sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
      };
      description = ''
        The icon in the browser's tab: a PNG or ICO file of at most 200 kB.
      '';
    };
  };
  federation = {
    enabled = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether people can follow the stage from the Fediverse. Needs the stage's public address.
      '';
    };
    followersOnly = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether followers must be approved and posts reach only them.
      '';
    };
    showEngagement = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether the chat says who follows, likes or shares.
      '';
    };
    username = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "lectures";
      description = ''
        The account's name: what stands before the stage's host name in `@name@host`.
      '';
    };
    goLiveMessage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "The lecture has begun.";
      description = ''
        What followers are told when the stream starts; `""` tells them nothing.
      '';
    };
    blockedDomains = lib.mkOption {
      type = lib.types.nullOr (listBetween 0 1000 lib.types.str);
      default = null;
      example = [
        "spam.example"
      ];
      description = ''
        Servers whose people may not follow. The list replaces Owncast's.
      '';
    };
  };
  notifications = {
    discord = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            enabled = lib.mkOption {
              type = lib.types.bool;
              example = true;
              description = ''
                Whether the channel is told when the stream starts.
              '';
            };
            webhook = lib.mkOption {
              type = lib.types.nullOr (
                lib.types.submodule {
                  options = {
                    secret = lib.mkOption {
                      type = lib.types.str;
                      example = "stream-key";
                      description = ''
                        A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
                      '';
                    };
                  };
                }
              );
              default = null;
              example = {
                secret = "discord-webhook";
              };
              description = ''
                The channel's webhook address, by the name of its secret: whoever has it can write there.
              '';
            };
            goLiveMessage = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "The lecture has begun.";
              description = ''
                What is said when the stream starts.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        enabled = true;
        webhook = {
          secret = "discord-webhook";
        };
        goLiveMessage = "The lecture has begun.";
      };
      description = ''
        A Discord channel that is told when the stream starts. Replaced as a whole.
      '';
    };
    browser = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            enabled = lib.mkOption {
              type = lib.types.bool;
              example = false;
              description = ''
                Whether the page offers it.
              '';
            };
            goLiveMessage = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "The lecture has begun.";
              description = ''
                What is said when the stream starts.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        enabled = false;
      };
      description = ''
        Notifications in viewers' browsers, for those who ask for them on the page. Replaced as a whole.
      '';
    };
  };
  storage = {
    objectStorage = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            enabled = lib.mkOption {
              type = lib.types.bool;
              example = true;
              description = ''
                Whether segments go to object storage; then endpoint, bucket, region and both keys must stand here too.
              '';
            };
            endpoint = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "https://s3.example.com";
              description = ''
                The service's address. Players find the bucket below it, unless `storage.servingEndpoint` says otherwise.
              '';
            };
            bucket = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "lectures";
              description = ''
                The bucket's name.
              '';
            };
            region = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "eu-central-1";
              description = ''
                The service's region.
              '';
            };
            accessKey = lib.mkOption {
              type = lib.types.nullOr (
                lib.types.submodule {
                  options = {
                    secret = lib.mkOption {
                      type = lib.types.str;
                      example = "stream-key";
                      description = ''
                        A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
                      '';
                    };
                  };
                }
              );
              default = null;
              example = {
                secret = "s3-access-key";
              };
              description = ''
                The access key, by the name of its secret.
              '';
            };
            secretKey = lib.mkOption {
              type = lib.types.nullOr (
                lib.types.submodule {
                  options = {
                    secret = lib.mkOption {
                      type = lib.types.str;
                      example = "stream-key";
                      description = ''
                        A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
                      '';
                    };
                  };
                }
              );
              default = null;
              example = {
                secret = "s3-secret-key";
              };
              description = ''
                The secret key, by the name of its secret.
              '';
            };
            acl = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "public-read";
              description = ''
                Canned access rule for what is uploaded.
              '';
            };
            pathPrefix = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "live";
              description = ''
                Folder in the bucket.
              '';
            };
            pathStyle = lib.mkOption {
              type = lib.types.nullOr lib.types.bool;
              default = null;
              example = true;
              description = ''
                Whether the bucket stands in the path rather than in the host name, as Garage wants it.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        enabled = true;
        endpoint = "https://s3.example.com";
        bucket = "lectures";
        region = "eu-central-1";
        accessKey = {
          secret = "s3-access-key";
        };
        secretKey = {
          secret = "s3-secret-key";
        };
      };
      description = ''
        Object storage (S3) for the segments, when more watch than this machine can serve. Replaced as a whole.
      '';
    };
    servingEndpoint = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "https://cdn.example.com";
      description = ''
        Where players fetch segments from instead of this machine or the bucket, such as a CDN's address; `""` for none. Owncast writes `/hls/…` behind it: a path is kept.
      '';
    };
  };
  integrations = {
    webhooks = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            list = lib.mkOption {
              type = listBetween 0 50 (
                lib.types.submodule {
                  options = {
                    url = lib.mkOption {
                      type = lib.types.either lib.types.str (
                        lib.types.submodule {
                          options = {
                            secret = lib.mkOption {
                              type = lib.types.str;
                              example = "stream-key";
                              description = ''
                                A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
                              '';
                            };
                          };
                        }
                      );
                      example = "https://automation.example.org/stage";
                      description = ''
                        Where Owncast posts the event: an address, or `{ secret: … }` with the name of the secret that holds it. Everybody can read a stage file and the Nix store: an address with a password or a token in it belongs in a secret.
                      '';
                    };
                    events = lib.mkOption {
                      type = listBetween 1 9 (
                        lib.types.enum [
                          "chat-message"
                          "name-changed"
                          "user-joined"
                          "user-left"
                          "stream-started"
                          "stream-stopped"
                          "stream-title-changed"
                          "message-visibility-changed"
                          "fediverse-follow"
                        ]
                      );
                      example = [
                        "stream-started"
                        "stream-stopped"
                      ];
                      description = ''
                        What it is told of.
                      '';
                    };
                  };
                }
              );
              example = [
                {
                  url = "https://automation.example.org/stage";
                  events = [
                    "stream-started"
                    "stream-stopped"
                  ];
                }
              ];
              description = ''
                The addresses.
              '';
            };
            prune = lib.mkOption {
              type = lib.types.nullOr lib.types.bool;
              default = null;
              example = true;
              description = ''
                Whether webhooks that are not in the list are removed. Without it they stay, and are named.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        list = [
          {
            url = "https://automation.example.org/stage";
            events = [
              "stream-started"
              "stream-stopped"
            ];
          }
        ];
      };
      description = ''
        Addresses of programs that are told what happens on the stage; each is known by its `url`. If Owncast cannot reach one, its log holds the whole address.
      '';
    };
    accessTokens = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            list = lib.mkOption {
              type = listBetween 0 50 (
                lib.types.submodule {
                  options = {
                    name = lib.mkOption {
                      type = lib.types.str;
                      example = "scoreboard";
                      description = ''
                        The program's name: in the chat, and of the file in which its token is left for it.
                      '';
                    };
                    scopes = lib.mkOption {
                      type = listBetween 1 3 (
                        lib.types.enum [
                          "send-messages"
                          "send-system-messages"
                          "admin"
                        ]
                      );
                      example = [
                        "send-messages"
                      ];
                      description = ''
                        What it may do.
                      '';
                    };
                  };
                }
              );
              example = [
                {
                  name = "scoreboard";
                  scopes = [
                    "send-messages"
                  ];
                }
              ];
              description = ''
                The programs.
              '';
            };
            prune = lib.mkOption {
              type = lib.types.nullOr lib.types.bool;
              default = null;
              example = true;
              description = ''
                Whether tokens that are not in the list are revoked. Without it they stay, and are named.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        list = [
          {
            name = "scoreboard";
            scopes = [
              "send-messages"
            ];
          }
        ];
      };
      description = ''
        Programs that may use Owncast's interface, each known by its `name`. Owncast makes the token; it is left in `tokens/<name>` of the state folder, for its owner alone. Other scopes for a name mean another token.
      '';
    };
  };
  access = {
    adminPassword = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            secret = lib.mkOption {
              type = lib.types.str;
              example = "stream-key";
              description = ''
                A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
              '';
            };
          };
        }
      );
      default = null;
      example = {
        secret = "admin-password";
      };
      description = ''
        The password of the admin page (user `admin`), by the name of its secret. Left out of a stage file: `admin-password`.
      '';
    };
    streamKeys = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 1 50 (
          lib.types.submodule {
            options = {
              secret = lib.mkOption {
                type = lib.types.str;
                example = "stream-key";
                description = ''
                  A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
                '';
              };
              comment = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "moderator";
                description = ''
                  Whose key it is.
                '';
              };
            };
          }
        )
      );
      default = null;
      example = [
        {
          secret = "stream-key-moderator";
          comment = "moderator";
        }
      ];
      description = ''
        Who may publish: one key each, by the name of its secret. The list replaces Owncast's, whose default key is public. Left out of a stage file: one key, `stream-key`.
      '';
    };
  };
}
