// Command far-link joins two network namespaces by a line with delay, loss, a rate and a queue. It opens a TUN device in each
// and prints "ready". Then somebody gives the devices addresses and routes. When its standard input ends, it prints what it
// did, as JSON, and exits: so it never outlives the process that started it.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// line is what the command line says. Loss is a share from 0 to 1.
type line struct {
	near, far, device string
	roundTrip, queue  time.Duration
	lossDown, lossUp  float64
	bitsPerSecond     float64
	perConnection     bool
	seed              uint64
}

// Standard input that ended. Not an error: so the parent asks for the end.
var errInputEnded = errors.New("the input ended")

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "far-link:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	wanted, err := readArguments(args)
	if err != nil {
		return err
	}
	near, err := openTun(wanted.near, wanted.device)
	if err != nil {
		return err
	}
	far, err := openTun(wanted.far, wanted.device)
	if err != nil {
		return err
	}
	down, up := newDirection(true, wanted), newDirection(false, wanted)
	fmt.Println("ready")

	ended := make(chan error, 5)
	go func() { ended <- down.carry(near, far) }()
	go func() { ended <- up.carry(far, near) }()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		ended <- errInputEnded
	}()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		ended <- errInputEnded
	}()

	reason := <-ended
	result := map[string]report{"down": down.report(), "up": up.report()}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		return err
	}
	if errors.Is(reason, errInputEnded) {
		return nil
	}
	return fmt.Errorf("a device is gone: %w", reason)
}

func readArguments(args []string) (line, error) {
	flags := flag.NewFlagSet("far-link", flag.ExitOnError)
	var l line
	flags.StringVar(&l.near, "near", "/proc/self/ns/net", "network namespace of the servers")
	flags.StringVar(&l.far, "far", "", "network namespace of the viewers, such as /proc/PID/ns/net")
	flags.StringVar(&l.device, "device", "far0", "name of the device that each namespace gets")
	flags.DurationVar(&l.roundTrip, "rtt", 0, "delay there and back, half of it each way")
	flags.DurationVar(&l.queue, "queue", 100*time.Millisecond, "a packet that would wait longer for the line is dropped")
	rate := flags.Float64("rate", 20, "Mbit/s each way")
	flags.BoolVar(&l.perConnection, "per-connection", false, "each connection has the rate and the queue for itself")
	down := flags.Float64("loss-down", 0, "percent of the packets to the viewers that are lost")
	up := flags.Float64("loss-up", 0, "percent of the packets to the servers that are lost")
	flags.Uint64Var(&l.seed, "seed", 1, "the same seed loses the same packets, counted from the first one")
	if err := flags.Parse(args); err != nil {
		return l, err
	}
	l.lossDown, l.lossUp, l.bitsPerSecond = *down/100, *up/100, *rate*1e6
	switch {
	case flags.NArg() > 0:
		return l, fmt.Errorf("unknown argument %q", flags.Arg(0))
	case l.far == "":
		return l, errors.New("-far is missing: the viewers' network namespace")
	case l.roundTrip < 0 || l.roundTrip > 10*time.Second:
		return l, errors.New("-rtt must be from 0 to 10s")
	case l.queue <= 0 || l.queue > 10*time.Second:
		return l, errors.New("-queue must be above 0 and at most 10s")
	case !(*rate > 0 && *rate <= 1000):
		return l, errors.New("-rate must be above 0 and at most 1000 (Mbit/s)")
	case !(*down >= 0 && *down <= 100 && *up >= 0 && *up <= 100):
		return l, errors.New("-loss-down and -loss-up must be from 0 to 100 (percent)")
	}
	return l, nil
}
