"""A speech server: sound comes in over a websocket, words with times go out. It speaks the protocol of Vosk's server."""
