# The program `lectern`: its TypeScript unchanged, a Node that strips the types, and the production packages. Hosts get the slim
# Node without npm, which only fetches packages.
{
  lib,
  stdenvNoCC,
  makeBinaryWrapper,
  nodejs_24,
  nodejs-slim_24,
  cacert,
  ffmpeg-headless,
  flite,
  iproute2,
  util-linux,
  callPackage,
}:
let
  inherit (lib.importJSON ../package.json) version;

  far-link = callPackage ./far-link.nix { };

  # All files that the program reads, without those that only tests read.
  parts = [
    "src"
    "codegen/site"
    "generated/site"
    "codegen/load"
    "codegen/schema"
    # The stage that `lectern demo` runs by default.
    "hosts/live/stages"
  ];
  files = [
    # The texts that `lectern export` writes above settings.
    "generated/stage.schema.json"
  ];
  isTest = path: lib.hasSuffix ".test.ts" path || lib.hasPrefix "test-" (baseNameOf path);
  placeOf = part: ../. + "/${part}";
  sourceOf =
    part:
    lib.cleanSourceWith {
      name = "lectern-source";
      src = placeOf part;
      filter = path: _: !isTest path;
    };

  manifest = lib.cleanSourceWith {
    name = "lectern-manifest";
    src = ../.;
    filter =
      path: kind:
      kind == "regular"
      && lib.elem (baseNameOf path) [
        "package.json"
        "package-lock.json"
        ".npmrc"
      ];
  };

  # The lock file names no registry, so npm fetches the packages, and one hash fixes them. A test checks the hash.
  nodeModules = stdenvNoCC.mkDerivation {
    pname = "lectern-node-modules";
    inherit version;
    src = manifest;
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
      # This file names the registry.
      rm node_modules/.package-lock.json
      # Only some versions of npm leave empty folders for packages that they do not install.
      find node_modules -type d -empty -delete
      runHook postBuild
    '';
    installPhase = ''
      runHook preInstall
      cp -r node_modules "$out"
      runHook postInstall
    '';
    # The hash is that of npm's unpacked files, so nothing may change them.
    dontFixup = true;
    outputHashMode = "recursive";
    outputHashAlgo = "sha256";
    # If package-lock.json changes, `npm run test:flake` says the new hash.
    outputHash = "sha256-AWzioIFC8fCXesKNLNorPzVoAvaHvzs3MTh/sRcxdVU=";
  };
in
stdenvNoCC.mkDerivation {
  pname = "lectern";
  inherit version;
  nativeBuildInputs = [ makeBinaryWrapper ];
  dontUnpack = true;
  # Not in node_modules: there Node refuses to strip types.
  installPhase = ''
    runHook preInstall
    mkdir -p "$out/share/lectern"
    cp ${manifest}/package.json "$out/share/lectern"
    ${lib.concatMapStrings (part: ''
      mkdir -p "$out/share/lectern/${dirOf part}"
      cp -r ${sourceOf part} "$out/share/lectern/${part}"
    '') parts}
    ${lib.concatMapStrings (file: ''
      mkdir -p "$out/share/lectern/${dirOf file}"
      cp ${placeOf file} "$out/share/lectern/${file}"
    '') files}
    ln -s ${nodeModules} "$out/share/lectern/node_modules"
    makeBinaryWrapper ${lib.getExe nodejs-slim_24} "$out/bin/lectern" \
      --add-flags "$out/share/lectern/src/main.ts" \
      --suffix PATH : ${
        lib.makeBinPath [
          ffmpeg-headless
          flite
          iproute2
          util-linux
          far-link
        ]
      }
    runHook postInstall
  '';
  passthru = {
    inherit nodeModules;
    # The files of this tree, for the test that runs them with the package's Node.
    sourceFiles = [
      ../package.json
    ]
    ++ map placeOf files
    ++ lib.filter (file: !isTest (toString file)) (
      lib.concatMap (part: lib.filesystem.listFilesRecursive (placeOf part)) parts
    );
  };
  meta = {
    description = "Turns a written description of a livestream into a running, safe and proven one";
    license = lib.licenses.mit;
    mainProgram = "lectern";
    platforms = lib.platforms.linux;
  };
}
