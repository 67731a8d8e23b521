# What a host gives a stage's captions: speech engines, models and translators. The tracks themselves are settings.
{ lib, pkgs, ... }:
let
  inherit (import ../../core/lib/stage-option.nix { inherit lib; }) internal onStages;

  download.options = {
    url = lib.mkOption {
      type = lib.types.str;
      example = "https://alphacephei.com/vosk/models/vosk-model-small-fr-0.22.zip";
      description = ''
        Address of an archive with one folder, which is the model. The machine that builds the host fetches it.
      '';
    };
    hash = lib.mkOption {
      type = lib.types.str;
      example = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
      description = ''
        Hash of the unpacked folder, as {command}`nix store prefetch-file --unpack` prints it. Another content fails the build.
      '';
    };
  };

  stage =
    { config, name, ... }:
    {
      options = {
        captions = {
          speech = lib.mkOption {
            type = lib.types.attrsOf lib.types.str;
            default = { };
            example = {
              en = "192.0.2.20:2700";
            };
            description = ''
              Speech servers that run elsewhere, or that another service of this host runs, by the language that they hear. A server speaks
              the protocol of Vosk's server, at `host:port` or at `unix:/path`. The stage's sound goes there unencrypted, so use a private
              network.
            '';
          };
          engine = lib.mkOption {
            type = lib.types.nullOr (
              lib.types.enum [
                "vosk"
                "sherpa-onnx"
                "pocketsphinx"
              ]
            );
            default = null;
            example = "vosk";
            description = ''
              The speech engine that this host runs for each language of {option}`captions.models`; null for none. The engine gets no
              network, and a lower share of the processors than Owncast.
            '';
          };
          models = lib.mkOption {
            type = lib.types.attrsOf (lib.types.either lib.types.path (lib.types.submodule download));
            default = { };
            example = lib.literalExpression ''
              {
                en = "/srv/models/vosk-model-en-us-0.22";
                fr = {
                  url = "https://alphacephei.com/vosk/models/vosk-model-small-fr-0.22.zip";
                  hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
                };
              }
            '';
            description = ''
              The engine's model for each language that this host hears itself: a folder, or the address and hash of an archive. A folder
              on the host must be readable for everybody, and not be below {file}`/home`, {file}`/root` or {file}`/tmp`.
            '';
          };
          memoryMaxMib = lib.mkOption {
            type = lib.types.ints.between 64 1048576;
            default = 4096;
            example = 8192;
            description = ''
              How much memory the engine may take for each language, in MiB. Beyond that the kernel ends it, and systemd starts it again.
              Small models need some hundreds of MiB, and Vosk's largest ones more than 8 GiB.
            '';
          };
          package = lib.mkOption {
            type = lib.types.package;
            default = pkgs.callPackage ../../../nix/speech.nix { inherit (config.captions) engine; };
            defaultText = lib.literalMD "`lectern-speech` of this flake with the {option}`captions.engine`, on the host's nixpkgs";
            example = lib.literalExpression "pkgs.callPackage ./my-speech-server.nix { }";
            description = ''
              The speech server that runs the engine. Another package must take the same options.
            '';
          };
          translate = lib.mkOption {
            type = lib.types.attrsOf lib.types.str;
            default = { };
            example = lib.literalExpression ''
              {
                es = "http://127.0.0.1:5000";
                pt = "''${pkgs.my-translator}/bin/en-pt";
              }
            '';
            description = ''
              What translates for each track with the source `translation`, by the track's language: the address of a LibreTranslate server,
              or the absolute path of a program, which reads a sentence on its standard input and writes its translation to its standard
              output. A server that is not on this host needs `remote:` before its address, because what is said then leaves the host.
            '';
          };
        };
        captionTracks = internal "The caption tracks of the stage's settings, each with language and source.";
        captionsStatus = internal "Where the captions service says how it is, as `lectern` reads addresses.";
        speechEngines = internal "The speech engines that run on this host, by language: unit, folder and socket.";
      };
      config = {
        captionTracks = config.mergedSeed.captions.tracks or [ ];
        captionsStatus =
          if config.ports.captions == null then
            "unix:${config.names.captionsStatusSocket}"
          else
            "127.0.0.1:${toString config.ports.captions}";
        speechEngines =
          lib.mapAttrs
            (language: _: rec {
              # No stage's name has an "@", so no unit of another stage has this name.
              unit = "lectern-${name}-speech@${language}";
              folder = "${config.names.speechDir}/${language}";
              socket = "${folder}/speech.sock";
            })
            (
              lib.optionalAttrs (
                config.captions.engine != null && config.captionTracks != [ ]
              ) config.captions.models
            );
      };
    };
in
{
  options.services.lectern.stages = onStages stage;
}
