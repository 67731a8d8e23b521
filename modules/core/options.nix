# What a host says: which stages it has, and what each of them is.
{ lib, pkgs, ... }:
let
  names =
    { name, ... }:
    {
      options.names = import ./lib/internal.nix { inherit lib; } "What follows from the stage's name.";
      config.names = import ./lib/stage.nix name;
    };

  stage.options = {
    domain = lib.mkOption {
      type = lib.types.str;
      example = "live.nixos.org";
      description = ''
        Host name under which viewers reach the stage, in lower case, without scheme, port or path.
      '';
    };

    seed = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      example = lib.literalExpression "./generated/seeds/live/main.json";
      description = ''
        Seed that a stage file became, as JSON; null for a stage that is written in Nix alone.
        Its values are defaults: what {option}`settings` says wins, and the rest of the seed stays.
      '';
    };

    assets = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      defaultText = lib.literalMD "the folder beside the seed that has its name, where there is one";
      example = lib.literalExpression "./generated/seeds/live/main";
      description = ''
        Folder with the files that the settings name: logo, favicon and emoji.
        A generated seed has its files beside it, and they are found without this option.
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
        What Owncast is told about the stage, on top of {option}`seed`.
        A setting that is null in the end is not managed: Owncast keeps the value it has.
        A list replaces the seed's as a whole.
      '';
    };
  };
in
{
  options.services.lectern = {
    enable = lib.mkEnableOption "Lectern, which keeps this host's stages as they are declared";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ../../nix/lectern.nix { };
      defaultText = lib.literalMD "`lectern` of this flake, on the host's nixpkgs";
      example = lib.literalExpression "inputs.lectern.packages.x86_64-linux.lectern";
      description = ''
        The program `lectern` that the units run, and that everybody on the host finds on their path.
      '';
    };

    onFailure = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "tell-the-team@%n.service" ];
      description = ''
        Units that are started when one of Lectern's fails, such as a template that sends a message. `%n` is the name of the unit that failed.
      '';
    };

    http3.enable = lib.mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = ''
        Whether the host's Caddy also answers over HTTP/3 (UDP 443). Viewers far away then stall on a line that loses packets: Caddy's
        HTTP/3 cannot use BBR, the congestion control that keeps their speed over TCP.
        If false, browsers that remember HTTP/3 from before are told to forget it.
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
        Public streams of this host by name: each has an Owncast, a host name, state, keys and settings of its own.
        A name is a lower-case letter and up to 19 more letters, digits and dashes, because users and units are named after it.
      '';
    };
  };
}
