# The program `lectern`: the TypeScript as it is, run by a Node that strips types itself, with its production packages.
# npm is needed to fetch those, and not on a host: the slim Node is without.
{
  lib,
  stdenvNoCC,
  makeBinaryWrapper,
  nodejs_24,
  nodejs-slim_24,
  cacert,
  ffmpeg-headless,
  util-linux,
}:
let
  inherit (lib.importJSON ../package.json) version;

  # What the program reads when it runs, each at its place; without what only its tests read.
  parts = [
    "src"
    "caddy"
    "codegen/load"
    "codegen/schema"
    # What `lectern demo` runs when it is told nothing else.
    "hosts/live/stages"
  ];
  files = [
    # What `lectern export` says above each setting.
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

  # The lock file names no registry, so its packages come by npm, held by one hash; a test keeps that true.
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
      # It holds the registry that was asked.
      rm node_modules/.package-lock.json
      # Some versions of npm leave the empty folders of packages that they do not install, others do not.
      find node_modules -type d -empty -delete
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
    # Another package-lock.json, another hash: `npm run test:flake` says which.
    outputHash = "sha256-AWzioIFC8fCXesKNLNorPzVoAvaHvzs3MTh/sRcxdVU=";
  };
in
stdenvNoCC.mkDerivation {
  pname = "lectern";
  inherit version;
  nativeBuildInputs = [ makeBinaryWrapper ];
  dontUnpack = true;
  # Not below node_modules, where Node refuses to strip types.
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
          util-linux
        ]
      }
    runHook postInstall
  '';
  passthru = {
    inherit nodeModules;
    # Of this tree, for the test that runs them with the Node of the package.
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
