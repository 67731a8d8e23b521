# Captions that would have no words, and places that are none.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (import ../../core/lib/unit-words.nix { inherit lib; }) isPlainPath;
  inherit (import ./elsewhere.nix { inherit lib; }) hostOf isHere;
  inherit (import ../../core/lib/networks.nix { inherit lib; }) isAddress;

  refuse = isWrong: message: {
    assertion = !isWrong;
    inherit message;
  };
  list = lib.concatStringsSep ", ";

  # Names and addresses that need no quoting in a unit.
  isHost = host: host != null && (isAddress host || builtins.match "[A-Za-z0-9._-]+" host != null);
  isPort = text: text != null && lib.stringLength text <= 5 && lib.toIntBase10 text <= 65535;
  isServer =
    place:
    let
      parts = builtins.match "(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):([0-9]+)" place;
    in
    (lib.hasPrefix "unix:" place && isPlainPath (lib.removePrefix "unix:" place))
    || (parts != null && isHost (hostOf place) && isPort (lib.last parts));
  isUrl =
    place:
    builtins.match "(remote:)?https?://(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?" place
    != null
    && isHost (hostOf place);
  isSecretlyElsewhere =
    place: isUrl place && !lib.hasPrefix "remote:" place && !isHere (hostOf place);
  isBelow = folders: place: lib.any (folder: lib.hasPrefix "${folder}/" place) folders;
  # Units see nothing in these folders.
  hidden = [
    "/home"
    "/root"
    "/run/user"
    "/tmp"
    "/var/tmp"
  ];
  isHiddenProgram = isBelow (hidden ++ [ "/var" ]);

  ofStage =
    name:
    {
      captions,
      captionTracks,
      settings,
      ...
    }:
    let
      stage = "services.lectern.stages.${name}";
      option = "${stage}.captions";
      tracks = "${stage}.settings.captions.tracks";
      languagesOf =
        sources:
        map ({ language, ... }: language) (
          lib.filter ({ source, ... }: lib.elem source sources) captionTracks
        );
      heard = languagesOf [
        "speech"
        "interpreter"
      ];
      translated = languagesOf [ "translation" ];
      needless =
        what: languages: kind:
        map (
          language:
          refuse true (
            "${option}.${what}.${language} is set, and ${tracks} has no track in this language ${kind}: "
            + (if languages == [ ] then "leave it out." else "leave it out, or give one of ${list languages}.")
          )
        ) (lib.filter (language: !lib.elem language languages) (lib.attrNames captions.${what}));
      program = lib.removePrefix "${lib.getBin captions.package}/bin" (lib.getExe captions.package);
      byEngineOrServer = "that a speech engine hears";
    in
    map (
      language:
      refuse
        (!captions.speech ? ${language} && !(captions.engine != null && captions.models ? ${language}))
        "${tracks} has a track in ${language} ${byEngineOrServer}, and nothing on this host hears ${language}: give ${
          if captions.engine == null then
            "${option}.speech.${language}, the host and port of a speech server, or ${option}.engine and ${option}.models.${language}"
          else
            "${option}.models.${language}, the engine's model, or ${option}.speech.${language}, the host and port of a speech server"
        }."
    ) heard
    ++ map (
      language:
      refuse (!captions.translate ? ${language})
        "${tracks} has a translation into ${language}, and nothing translates into ${language}: give ${option}.translate.${language}, such as http://127.0.0.1:5000 for LibreTranslate on this host."
    ) translated
    ++ needless "speech" heard byEngineOrServer
    ++ needless "models" heard byEngineOrServer
    ++ needless "translate" translated "that is a translation"
    ++ map (
      language:
      refuse true "${option}.speech.${language} and ${option}.models.${language} are both set: leave one of them out, because a language has one speech server."
    ) (lib.attrNames (lib.intersectAttrs captions.speech captions.models))
    ++ [
      (refuse (captions.engine != null && captions.models == { })
        "${option}.engine is \"${toString captions.engine}\", which has no model: give ${option}.models, a model for each language, or leave the engine out."
      )
      (refuse (captions.engine == null && captions.models != { })
        "${option}.models has models for ${list (lib.attrNames captions.models)}, and no engine uses them: give ${option}.engine, such as \"vosk\", or leave them out."
      )
      (refuse (captions.engine != null && captions.package.missing or null != null)
        "${option}.engine is \"${toString captions.engine}\", and ${captions.package.missing or ""}: take another engine, or name a speech server in ${option}.speech."
      )
      (refuse (captions.engine != null && !isPlainPath program)
        "${option}.package has the program ${builtins.toJSON (lib.removePrefix "/" program)}: give a package whose meta.mainProgram is one word, such as lectern-speech."
      )
      (refuse (captionTracks != [ ] && settings.storage.objectStorage.enabled or false)
        "${stage}.settings.storage.objectStorage.enabled is true, and ${tracks} is declared: players load their playlists from the storage, which knows no tracks. Set it to false, or leave the captions out."
      )
    ]
    ++ lib.mapAttrsToList (
      language: place:
      refuse (!isServer place)
        "${option}.speech.${language} is ${builtins.toJSON place}: give host and port, such as 192.0.2.20:2700 or [2001:db8::20]:2700, or unix: and the absolute path of a socket."
    ) captions.speech
    ++ lib.mapAttrsToList (
      language: place:
      refuse (!isUrl place && !isPlainPath place)
        "${option}.translate.${language} is ${builtins.toJSON place}: give an address, such as http://127.0.0.1:5000, or the absolute path of a program, of letters, digits and . _ + @ = , : ~ -."
    ) captions.translate
    ++ lib.mapAttrsToList (
      language: place:
      refuse (isSecretlyElsewhere place) "${option}.translate.${language} is \"${place}\", which is not on this host: give \"remote:${place}\" if what is said may leave the host."
    ) captions.translate
    ++ lib.mapAttrsToList (
      language: place:
      refuse (isHiddenProgram place) "${option}.translate.${language} is \"${place}\", and the captions service sees no program there: give one of a package, such as \"\${pkgs.my-translator}/bin/translate\"."
    ) (lib.filterAttrs (_: lib.hasPrefix "/") captions.translate)
    ++ lib.mapAttrsToList (
      language: model:
      refuse (!isPlainPath model || isBelow hidden model)
        "${option}.models.${language} is ${builtins.toJSON model}: give the absolute path of a folder that is not below /home, /root or /tmp, of letters, digits and . _ + @ = , : ~ -."
    ) (lib.filterAttrs (_: lib.isString) captions.models);
in
{
  config.assertions = lib.mkIf cfg.enable (lib.concatLists (lib.mapAttrsToList ofStage cfg.stages));
}
