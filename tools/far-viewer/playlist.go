package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// playlist is what a player reads in a media playlist.
type playlist struct {
	// The number of the first segment.
	first    int
	segments []segment
}

type segment struct {
	name    string
	seconds float64
}

func (p playlist) last() int { return p.first + len(p.segments) - 1 }

func (p playlist) lastSeconds() float64 { return p.segments[len(p.segments)-1].seconds }

var (
	sequenceOf = regexp.MustCompile(`(?m)^#EXT-X-MEDIA-SEQUENCE:(\d{1,9})\r?$`)
	segmentOf  = regexp.MustCompile(`(?m)^#EXTINF:(\d{1,3}(?:\.\d+)?),[^\n]*\n(?:#[^\n]*\n)*([A-Za-z0-9_.-]+\.ts)\r?$`)
	endList    = regexp.MustCompile(`(?m)^#EXT-X-ENDLIST`)
)

func readPlaylist(text []byte) (playlist, error) {
	var read playlist
	sequence := sequenceOf.FindSubmatch(text)
	segments := segmentOf.FindAllSubmatch(text, -1)
	if sequence == nil || len(segments) == 0 {
		return read, fmt.Errorf("the playlist lists no segment (%d bytes)", len(text))
	}
	if endList.Match(text) {
		return read, errors.New("the stream is over")
	}
	read.first, _ = strconv.Atoi(string(sequence[1]))
	for _, found := range segments {
		length, _ := strconv.ParseFloat(string(found[1]), 64)
		read.segments = append(read.segments, segment{string(found[2]), length})
	}
	return read, nil
}
