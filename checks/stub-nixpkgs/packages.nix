# Packages by their nixpkgs names; each is a name, a version and the place where it would lie, and is never built.
# One that is not listed does not exist. The places are the same on every machine, so that golden files can name them:
# no real store path begins with this hash, for Nix' alphabet has no `e`.
{ lib, system }:
let
  place = name: "${builtins.storeDir}/${lib.strings.replicate 32 "e"}-${name}";

  fake =
    name: attributes:
    derivation (
      {
        inherit name system;
        builder = "/bin/sh";
      }
      // attributes
    );

  package =
    pname:
    {
      version,
      mainProgram ? pname,
    }:
    fake "${pname}-${version}" { }
    // rec {
      inherit pname version;
      outPath = place "${pname}-${version}";
      meta = { inherit mainProgram; };
      override = changes: package pname ({ inherit version mainProgram; } // changes);
      # lib.getBin looks for it.
      outputSpecified = false;
      out = outPath;
    };

  # What NixOS would build from a text: its place follows from the text alone, as in a real store.
  built =
    name: contents:
    fake name { }
    // {
      inherit contents;
      outPath = "${builtins.storeDir}/${
        lib.substring 0 32 (
          builtins.hashString "sha256" (builtins.unsafeDiscardStringContext (builtins.toJSON contents))
        )
      }-${name}";
    };

  packages = lib.mapAttrs package {
    bash.version = "5.3";
    cacert.version = "3.115";
    caddy.version = "2.11.0";
    coreutils.version = "9.8";
    curl.version = "8.17.0";
    deadnix.version = "1.3.1";
    ffmpeg-headless = {
      version = "8.0";
      mainProgram = "ffmpeg";
    };
    findutils.version = "4.10.0";
    gnugrep.version = "3.12";
    gnused.version = "4.9";
    go.version = "1.26.0";
    makeBinaryWrapper.version = "1";
    nixfmt.version = "1.1";
    nixfmt-tree.version = "1";
    nodejs_24 = {
      version = "24.12.0";
      mainProgram = "node";
    };
    openssl.version = "3.6.0";
    owncast.version = "0.2.4";
    pebble.version = "2.8.0";
    systemd.version = "258";
    util-linux.version = "2.41";
    which.version = "2.23";
  };

  self = packages // {
    inherit lib;
    path = ./.;
    callPackage =
      file: overrides:
      let
        function = import file;
      in
      function (lib.intersectAttrs (lib.functionArgs function) self // overrides);
    stdenvNoCC.mkDerivation =
      {
        pname,
        version,
        meta ? { },
        passthru ? { },
        ...
      }:
      package pname { inherit version; } // passthru // { inherit meta; };
    mkShell = { packages, ... }: fake "shell" { inherit packages; };
    runCommand =
      name: attributes: script:
      built name { inherit attributes script; };
    testers.runNixOSTest = import ./run-nixos-test.nix { inherit lib system built; };
    writeText = built;
    writeShellApplication =
      { name, text, ... }:
      package name { version = "1"; } // { inherit text; };
  };
in
self
