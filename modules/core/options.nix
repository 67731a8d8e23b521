# The options of the host and of each stage.
{ lib, pkgs, ... }:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) internal;
  names =
    { name, ... }:
    {
      options.names = internal "What follows from the stage's name.";
      config.names = import ./lib/stage.nix name;
    };

  stage.options = {
    domain = lib.mkOption {
      type = lib.types.str;
      example = "live.nixos.org";
      description = ''
        Host name at which viewers open the stage, in lower case, without scheme, port or path.
      '';
    };

    seed = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      example = lib.literalExpression "./generated/seeds/live/main.json";
      description = ''
        The seed that was made from a stage file, as JSON; null for a stage that is written in Nix alone.
        Its values are defaults: {option}`settings` overrides them one by one.
      '';
    };

    assets = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      defaultText = lib.literalMD "the folder of the same name beside the seed, if there is one";
      example = lib.literalExpression "./generated/seeds/live/main";
      description = ''
        Folder with the files that the settings name: logo, favicon and emoji.
        The files of a generated seed are beside it, and need no option.
      '';
    };

    settings = lib.mkOption {
      type = lib.types.submodule { options = import ../../generated/options.nix { inherit lib; }; };
      default = { };
      example = lib.literalExpression ''
        {
          instance.name = "Public Lecture Series";
          video.latency = "low";
        }
      '';
      description = ''
        The stage's settings, on top of {option}`seed`: Owncast's, and Lectern's own.
        Lectern does not manage a setting that is null: Owncast keeps its value.
        A list replaces the seed's whole list.
      '';
    };
  };
in
{
  options.services.lectern = {
    enable = lib.mkEnableOption "Lectern, which runs this host's stages as they are declared";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ../../nix/lectern.nix { };
      defaultText = lib.literalMD "`lectern` of this flake, on the host's nixpkgs";
      example = lib.literalExpression "inputs.lectern.packages.x86_64-linux.lectern";
      description = ''
        The program `lectern`. The units run it, and all users of the host have it on their path.
      '';
    };

    onFailure = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "tell-the-team@%n.service" ];
      description = ''
        Units that systemd starts if one of Lectern's units fails, such as a template that sends a message. `%n` is the failed unit's name.
      '';
    };

    front = lib.mkOption {
      type = lib.types.enum [
        "caddy"
        "nginx"
      ];
      default = "caddy";
      example = "nginx";
      description = ''
        The web server that viewers connect to. With `nginx`, the stages become sites of the host's {option}`services.nginx`, beside its
        other sites and by the same rules. Then {option}`security.acme` gets the certificates, and there is no HTTP/3.
        Change it only while nothing is on air.
      '';
    };

    http3.enable = lib.mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = ''
        Whether the host's Caddy also serves HTTP/3 (UDP 443). Then viewers far away stall if packets are lost, because Caddy's HTTP/3
        cannot use BBR, the congestion control that keeps their speed over TCP.
        If false, browsers that remember HTTP/3 are told to forget it. Not with {option}`services.lectern.front` set to `nginx`.
      '';
    };

    stages = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule [
          stage
          names
        ]
      );
      default = { };
      example = lib.literalExpression ''
        {
          main = {
            domain = "live.nixos.org";
            seed = ./generated/seeds/live/main.json;
          };
        }
      '';
      description = ''
        The host's public streams, by name. Each has its own Owncast, host name, state, keys and settings.
        A name is a lower-case letter and up to 19 more letters, digits and dashes. Users and units are named after it.
      '';
    };
  };
}
