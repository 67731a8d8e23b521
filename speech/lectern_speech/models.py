"""Engines by name."""

from __future__ import annotations

from importlib import import_module

from .engine import Engine, EngineMaker, EngineOptions, ModelError

# The module and the class of each engine. An engine's packages are needed only if it is chosen.
ENGINES = {
    "pocketsphinx": ("pocketsphinx_engine", "PocketSphinxEngine"),
    "vosk": ("vosk_engine", "VoskEngine"),
    "sherpa-onnx": ("sherpa_engine", "SherpaEngine"),
}


def load_engine(name: str, options: EngineOptions) -> Engine:
    """Loads the model. Raises ModelError, also if the engine's package is not installed."""
    module, maker = ENGINES[name]
    try:
        make: EngineMaker = getattr(import_module(f"lectern_speech.{module}"), maker)
    except ImportError as error:
        raise ModelError(f"the engine {name} is not installed ({error}): install the Python package {name}") from error
    return make(options)
