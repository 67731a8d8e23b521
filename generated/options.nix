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
      The stage's public address, which Owncast gives to its directory and to the Fediverse. It is not for stage files: a host derives it from its domain, and the command line takes `--server-url`. Owncast cannot clear it again. Its page works only at the root of a site.
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
        The page's body below the video, in Markdown. If it is left out, Owncast's own text stays, and that text makes every viewer's browser contact two other sites. Set it, even to `""`, to prevent this.
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
                  The link's name. Owncast has icons for names such as `github`, `mastodon` or `matrix`, in lower case. Any other name gets a generic icon.
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
        Links to the team's other sites and accounts, shown as icons. The list replaces Owncast's.
      '';
    };
    offlineMessage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "The next lecture is on Tuesday at 17:00 UTC.";
      description = ''
        The message that the player shows while nothing is on air. It may not start or end with a space.
      '';
    };
    nsfw = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether the stream is marked as not safe for work. Owncast's directory then shows it only to people who ask for such streams.
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
        Whether the page shows how many people watch.
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
                  Passes the camera's video and sound on unchanged, without an encoder. Only `name` may stand beside it. Every viewer's network and device must then manage what the camera sends. Owncast can cut segments only at the camera's keyframes: set the camera's keyframe interval to the segment length of `video.latency`, 1 to 5 s. If there are encoded renditions too, any other interval stops the players of viewers who change the quality.
                '';
              };
              width = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 64 7680);
                default = null;
                example = 1280;
                description = ''
                  Width in pixels, an even number. If only `height` is set, the width follows from the camera's aspect ratio.
                '';
              };
              height = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 64 4320);
                default = null;
                example = 720;
                description = ''
                  Height in pixels, an even number. If only `width` is set, the height follows from the camera's aspect ratio. If neither is set, the rendition has the camera's size.
                '';
              };
              framerate = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 10 60);
                default = null;
                example = 30;
                description = ''
                  Frames per second.
                '';
              };
              bitrateKbps = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 400 20000);
                default = null;
                example = 1600;
                description = ''
                  Video bitrate in kbit/s, as it is sent to Owncast. Owncast's encoder gets 192 kbit/s less.
                '';
              };
              audioBitrateKbps = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 32 320);
                default = null;
                example = 128;
                description = ''
                  Sound bitrate in kbit/s. If it is left out, the camera's sound is passed on unchanged.
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
                  Effort of the encoder. More effort looks better at the same bitrate and takes more processor time. If it is left out: `medium`. Owncast 0.2.5 encodes all renditions with the level of the last one that it encodes.
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
        The encoder. `libx264` runs on any processor. Each of the others needs a device; on a machine without it, every stream fails.
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
        The message that a viewer reads on joining the chat. It may not start or end with a space.
      '';
    };
    joinMessages = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether the chat announces who joins.
      '';
    };
    establishedUsersOnly = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = false;
      description = ''
        Whether only people who have been in the chat for a while may write. It helps against crowds that come to disturb.
      '';
    };
    spamProtection = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether the chat slows down people who write too much.
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
        Names that nobody may take in the chat. The list replaces Owncast's and cannot be empty.
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
        Newcomers get one of these names. Owncast ignores a list of fewer than ten; with `[]` it uses its own names.
      '';
    };
    socketHost = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "https://origin.example.org";
      description = ''
        The host of the chat's websocket, if it is not the page's own: for example the origin server of a CDN that carries no websockets. `""` means the page's own host. The page uses only the host name. It connects to `/ws` there, on the page's own port, and by `wss://` if the page was loaded by https.
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
                        The word that people type between colons, in any case. The picture's file on the server has the same name.
                      '';
                    };
                    file = lib.mkOption {
                      type = lib.types.str;
                      example = "emoji-snowflake.svg";
                      description = ''
                        The file's name in the folder beside the seed, which has the seed's name.
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
                Whether to remove emoji that are not in the list, including Owncast's own 90. Without it, `plan` and `apply` only name them.
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
        Emoji for the chat, in addition to Owncast's own.
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
                  The page that the button opens. Set either this or `html`.
                '';
              };
              html = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "<p>Questions are collected in the chat.</p>";
                description = ''
                  HTML that the button shows instead of a page.
                '';
              };
              description = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "Opens the pad with the questions";
                description = ''
                  The button's tooltip.
                '';
              };
              icon = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "https://pad.example.org/icon.png";
                description = ''
                  Address of the button's icon.
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
                  Whether the page opens in a new window instead of over the video.
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
                The file's name in the folder beside the seed, which has the seed's name.
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
        The stage's logo, on the page and in link previews: a PNG, JPEG or SVG file of at most 1 MB.
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
                The file's name in the folder beside the seed, which has the seed's name.
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
        Whether followers need approval, and only followers get the posts.
      '';
    };
    showEngagement = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether the chat announces who follows, likes or shares.
      '';
    };
    username = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "lectures";
      description = ''
        The account's name: the part before the stage's host name in `@name@host`.
      '';
    };
    goLiveMessage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "The lecture has begun.";
      description = ''
        The post that followers get when the stream starts; `""` for none.
      '';
    };
    blockedDomains = lib.mkOption {
      type = lib.types.nullOr (listBetween 0 1000 lib.types.str);
      default = null;
      example = [
        "spam.example"
      ];
      description = ''
        Servers whose users may not follow the stage. The list replaces Owncast's.
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
                Whether the channel gets a message when the stream starts.
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
                        A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
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
                The channel's webhook address, by the name of its secret: everybody who has the address can write there.
              '';
            };
            goLiveMessage = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "The lecture has begun.";
              description = ''
                The message that is sent when the stream starts.
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
        A Discord channel that gets a message when the stream starts. It is replaced as a whole.
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
                Whether the page offers notifications.
              '';
            };
            goLiveMessage = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              example = "The lecture has begun.";
              description = ''
                The message that is sent when the stream starts.
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
        Notifications in the browsers of viewers who ask for them on the page. They are replaced as a whole.
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
                Whether segments go to object storage. If so, endpoint, bucket, region and both keys are required.
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
                        A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
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
                        A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
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
                Canned ACL of uploaded files.
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
                Whether the bucket's name goes into the path and not into the host name, as Garage requires.
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
        Object storage (S3) for the segments, if more people watch than this machine can serve. It is replaced as a whole.
      '';
    };
    servingEndpoint = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "https://cdn.example.com";
      description = ''
        The address from which players fetch segments instead of this machine or the bucket, for example a CDN's; `""` for none. Owncast appends `/hls/…` to it, also to a path.
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
                                A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
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
                        The events that Owncast posts.
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
                Whether to remove webhooks that are not in the list. Without it, `plan` and `apply` only name them.
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
        Addresses to which Owncast posts what happens on the stage, each known by its `url`. If Owncast cannot reach one, its log shows the whole address.
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
                        The program's name in the chat. The file that holds its token has the same name.
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
                        What the program may do.
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
                Whether to revoke tokens that are not in the list. Without it, `plan` and `apply` only name them.
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
        Programs that may use Owncast's API, each known by its `name`. Owncast makes the token. Lectern writes it to `tokens/<name>` in the state folder, and only that folder's owner can read it. If the scopes of a name change, it gets a new token.
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
                A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
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
        The password of the admin page (user `admin`), by the name of its secret. If a stage file leaves it out, the secret is `admin-password`.
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
                  A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
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
        The stream keys, each by the name of its secret. The list replaces Owncast's, whose default key is public. If a stage file leaves it out, there is one key, `stream-key`.
      '';
    };
  };
  captions = {
    tracks = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 1 8 (
          lib.types.submodule {
            options = {
              language = lib.mkOption {
                type = lib.types.str;
                example = "en";
                description = ''
                  The track's language as a BCP 47 code. It is a part of addresses, of file names, and of the names of the track's secrets.
                '';
              };
              name = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "English";
                description = ''
                  The name that viewers read in the player's list. Without it, it is the language's own name. Automatic tracks get a label behind it.
                '';
              };
              source = lib.mkOption {
                type = lib.types.enum [
                  "speech"
                  "interpreter"
                  "translation"
                  "push"
                ];
                example = "speech";
                description = ''
                  Where the words come from. `speech`: a speech server hears the stage's own sound. `interpreter`: it hears an interpreter, who publishes with the stream key in the secret `interpreter-key-LANGUAGE`. `translation`: the words of another track, translated. `push`: a human captioner, whose tool shows the token in the secret `captions-token-LANGUAGE`.
                '';
              };
              from = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                example = "en";
                description = ''
                  With `translation`: the language of the track that is translated.
                '';
              };
            };
          }
        )
      );
      default = null;
      example = [
        {
          language = "pt-BR";
          source = "interpreter";
        }
        {
          language = "en";
          source = "speech";
        }
      ];
      description = ''
        The caption tracks that viewers can choose, in the order of the player's list. None is shown until a viewer chooses it.
      '';
    };
    glossary = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 0 500 (
          lib.types.submodule {
            options = {
              heard = lib.mkOption {
                type = lib.types.str;
                example = "nicks os";
                description = ''
                  What the engine writes: one to eight words in lower case, with single spaces.
                '';
              };
              written = lib.mkOption {
                type = lib.types.str;
                example = "NixOS";
                description = ''
                  What the caption says instead. It always stays on one line.
                '';
              };
            };
          }
        )
      );
      default = null;
      example = [
        {
          heard = "nicks os";
          written = "NixOS";
        }
      ];
      description = ''
        Words that the speech engine writes wrongly, and their right form.
      '';
    };
    favour = lib.mkOption {
      type = lib.types.nullOr (listBetween 0 200 lib.types.str);
      default = null;
      example = [
        "owncast"
        "caddy"
      ];
      description = ''
        Words that a speech engine should favour, in lower case. Engines that cannot favour words ignore them.
      '';
    };
    transcript = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.enum [
          "private"
          "published"
        ]
      );
      default = null;
      example = "published";
      description = ''
        Who may read the transcript, which holds all captions of an event. `private`: it stays on the host, for `lectern transcript`. `published`: viewers can also download it from the stage's site, below `/transcripts/`.
      '';
    };
  };
  rehearsal = {
    enable = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      example = true;
      description = ''
        Whether a rehearsal may send many viewers to this stage. The program must show the stage's token: the secret `rehearsal-token`, which the host makes. Set it to `false` before the audience comes.
      '';
    };
  };
}
