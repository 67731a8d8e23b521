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
                  The network, by the name Owncast knows its icon by; unknown ones get a plain link.
                '';
              };
              url = lib.mkOption {
                type = lib.types.str;
                example = "https://github.com/NixOS";
                description = ''
                  Where the link goes.
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
              width = lib.mkOption {
                type = lib.types.ints.between 64 7680;
                example = 1280;
                description = ''
                  Picture width in pixels, even.
                '';
              };
              height = lib.mkOption {
                type = lib.types.ints.between 64 4320;
                example = 720;
                description = ''
                  Picture height in pixels, even.
                '';
              };
              framerate = lib.mkOption {
                type = lib.types.ints.between 10 60;
                example = 30;
                description = ''
                  Pictures per second.
                '';
              };
              bitrateKbps = lib.mkOption {
                type = lib.types.ints.between 400 20000;
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
