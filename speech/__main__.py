"""`python speech --engine NAME ...` runs the server, from any folder."""

from lectern_speech.command import main

main()
