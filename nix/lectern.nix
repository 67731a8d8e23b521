# The program `lectern`: the TypeScript as it is, run by a Node that strips types itself, with its production packages.
{
  lib,
  stdenvNoCC,
  makeBinaryWrapper,
  nodejs_24,
  cacert,
  ffmpeg-headless,
  util-linux,
}:
let
  inherit (lib.importJSON ../package.json) version;
  inherit (lib) fileset;

  isTest = file: lib.any (end: lib.hasSuffix end file.name) [ ".test.ts" ];
  source = fileset.toSource {
    root = ../.;
    fileset = fileset.difference (fileset.unions [
      ../package.json
      ../cli
      ../caddy
      ../codegen/load
      ../codegen/schema
      # What `lectern demo` runs when it is told nothing else.
      ../hosts/live/stages
    ]) (fileset.fileFilter isTest ../.);
  };

  # The lock file names no registry, so its packages come by npm, held by one hash; a test keeps that true.
  nodeModules = stdenvNoCC.mkDerivation {
    pname = "lectern-node-modules";
    inherit version;
    src = fileset.toSource {
      root = ../.;
      fileset = fileset.unions [
        ../package.json
        ../package-lock.json
        ../.npmrc
      ];
    };
    nativeBuildInputs = [
      nodejs_24
      cacert
    ];
    impureEnvVars = lib.fetchers.proxyImpureEnvVars;
    dontConfigure = true;
    buildPhase = ''
      runHook preBuild
      export HOME="$TMPDIR"
      npm ci --omit=dev --ignore-scripts --no-update-notifier
      # It holds the registry that was asked.
      rm node_modules/.package-lock.json
      runHook postBuild
    '';
    installPhase = ''
      runHook preInstall
      cp -r node_modules "$out"
      runHook postInstall
    '';
    # Nothing is made executable or pointed at a store: the hash is of what npm unpacks.
    dontFixup = true;
    outputHashMode = "recursive";
    outputHashAlgo = "sha256";
    outputHash = import ./node-modules-hash.nix;
  };
in
stdenvNoCC.mkDerivation {
  pname = "lectern";
  inherit version;
  src = source;
  nativeBuildInputs = [ makeBinaryWrapper ];
  dontConfigure = true;
  dontBuild = true;
  # Not below node_modules, where Node refuses to strip types.
  installPhase = ''
    runHook preInstall
    mkdir -p "$out/share/lectern"
    cp -r . "$out/share/lectern"
    ln -s ${nodeModules} "$out/share/lectern/node_modules"
    makeBinaryWrapper ${lib.getExe nodejs_24} "$out/bin/lectern" \
      --add-flags "$out/share/lectern/cli/main.ts" \
      --suffix PATH : ${
        lib.makeBinPath [
          ffmpeg-headless
          util-linux
        ]
      }
    runHook postInstall
  '';
  passthru = { inherit nodeModules; };
  meta = {
    description = "Turns a written description of a livestream into a running, safe and proven one";
    license = lib.licenses.mit;
    mainProgram = "lectern";
    platforms = lib.platforms.linux;
  };
}
