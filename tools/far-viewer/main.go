// Command far-viewer watches a rendition, or downloads one file, over one version of HTTP without a fall-back to another. It
// prints what it saw as one line of JSON.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

const usage = `far-viewer play -ca FILE [OPTIONS] https://HOST/hls/0/stream.m3u8   watches as a player does
far-viewer pull -ca FILE [OPTIONS] https://HOST/FILE                measures one long download`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "far-viewer:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("say play or pull\n" + usage)
	}
	flags := flag.NewFlagSet(args[0], flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), usage)
		flags.PrintDefaults()
	}
	protocol := flags.String("protocol", "h2", "h1, h2 or h3")
	caFile := flags.String("ca", "", "PEM file of the authorities to trust")
	address := flags.String("address", "", "connect to this address instead of what the name resolves to")
	watch := flags.Duration("watch", 40*time.Second, "play: how long to watch, from the start of the video")
	patience := flags.Duration("patience", 30*time.Second, "play: how long to wait for the start of the video")
	warm := flags.Duration("warm", 5*time.Second, "pull: time that does not count, from the start of the download")
	during := flags.Duration("for", 15*time.Second, "pull: time to measure")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("give one address\n" + usage)
	}
	http, err := newClient(*protocol, *caFile, *address)
	if err != nil {
		return err
	}
	var result any
	switch args[0] {
	case "play":
		result, err = play(http, flags.Arg(0), *watch, *patience)
	case "pull":
		result, err = pull(http, flags.Arg(0), *warm, *during)
	default:
		return fmt.Errorf("unknown command %q\n%s", args[0], usage)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
