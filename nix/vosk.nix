# Vosk, which nixpkgs does not have: the makers' wheel, whose library is built for other Linux systems. Never built with a real
# nixpkgs by this project's tests, which have none.
{
  lib,
  stdenv,
  autoPatchelfHook,
  fetchPypi,
  buildPythonPackage,
  cffi,
}:
let
  wheels = {
    x86_64-linux = {
      platform = "manylinux_2_12_x86_64.manylinux2010_x86_64";
      hash = "sha256-JeAlCTxDmdcnj1Q1aO2MxUYKw6S/SMI2c6zh4l0mYZ8=";
    };
    aarch64-linux = {
      platform = "manylinux2014_aarch64";
      hash = "sha256-VO+0fdiQ5UTp4g8DFkE6zsf4aA0E7AlcYUCrTnAmJwQ=";
    };
  };
  inherit (stdenv.hostPlatform) system;
in
buildPythonPackage rec {
  pname = "vosk";
  version = "0.3.45";
  format = "wheel";
  src = fetchPypi {
    inherit pname version format;
    python = "py3";
    dist = "py3";
    inherit (wheels.${system} or (throw "Vosk has no wheel for ${system}")) platform hash;
  };
  nativeBuildInputs = [ autoPatchelfHook ];
  buildInputs = [ (lib.getLib stdenv.cc.cc) ];
  dependencies = [ cffi ];
  # The server loads the wheel's library and its list of functions. Only the wheel's own program, which downloads models, needs these.
  pythonRemoveDeps = [
    "requests"
    "srt"
    "tqdm"
    "websockets"
  ];
  meta = {
    description = "Offline speech recognition with Kaldi's models";
    homepage = "https://alphacephei.com/vosk/";
    license = lib.licenses.asl20;
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
    platforms = lib.attrNames wheels;
  };
}
