// Command rtmp-peer speaks RTMP by another hand than Lectern's: what the two understand in the same way is RTMP, and no
// agreement of ours with ourselves. It prints one JSON object a line.
//
//	rtmp-peer publish URL FRAMES   publishes so many frames of made-up video and sound, always the same
//	rtmp-peer serve ADDRESS        takes one publisher after another, and prints each message that comes
//	rtmp-peer chunks               reads cases (a length of four bytes, then bytes after a handshake) and prints the messages of each
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"math/rand"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/bluenviron/gortmplib"
	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/bytecounter"
	"github.com/bluenviron/gortmplib/pkg/message"
	"github.com/bluenviron/gortmplib/pkg/rawmessage"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
)

// event is what happened to a connection.
type event struct {
	Event   string `json:"event"`
	Address string `json:"address,omitempty"`
	Path    string `json:"path,omitempty"`
	Type    string `json:"type,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	Error   string `json:"error,omitempty"`
}

// rawMessage is a message as it was put together from its chunks.
type rawMessage struct {
	Type        uint8  `json:"type"`
	StreamID    uint32 `json:"streamId"`
	TimestampMs int64  `json:"timestampMs"`
	Payload     string `json:"payload"`
}

// reading is what was understood of a case, up to the fault that ended it.
type reading struct {
	Messages []rawMessage `json:"messages"`
	Error    string       `json:"error,omitempty"`
}

const (
	typeSetChunkSize = 1
	typeAbort        = 2
	maxCaseBytes     = 16 * 1024 * 1024
	connectWithin    = 20 * time.Second
	// The library reads this number from its other end: on the wire it is 1.
	streamID = 0x1000000
	// A little before the timestamps need their longer form.
	firstTimestamp = 0xffff80 * time.Millisecond
)

var out = json.NewEncoder(os.Stdout)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rtmp-peer:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "publish":
		frames, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return publish(args[1], frames)
	case len(args) == 2 && args[0] == "serve":
		return serve(args[1])
	case len(args) == 1 && args[0] == "chunks":
		return readCases(os.Stdin)
	}
	return errors.New("usage: rtmp-peer publish URL FRAMES | serve ADDRESS | chunks")
}

func publish(address string, frames int) error {
	target, err := url.Parse(address)
	if err != nil {
		return err
	}
	client := &gortmplib.Client{URL: target, Publish: true}
	ctx, cancel := context.WithTimeout(context.Background(), connectWithin)
	defer cancel()
	if err := client.Initialize(ctx); err != nil {
		return err
	}
	defer client.Close()
	if err := out.Encode(event{Event: "accepted"}); err != nil {
		return err
	}
	for _, each := range stream(frames) {
		if err := client.Write(each); err != nil {
			return err
		}
	}
	return hangUp(client.NetConn())
}

// hangUp ends a connection so that all that was sent arrives: closed with answers unread, it would be reset.
func hangUp(connection net.Conn) error {
	tcp, ok := connection.(*net.TCPConn)
	if !ok {
		return errors.New("not a TCP connection")
	}
	if err := tcp.CloseWrite(); err != nil {
		return err
	}
	if err := tcp.SetReadDeadline(time.Now().Add(connectWithin)); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, tcp)
	return err
}

// stream makes the same messages each time: metadata, configurations, then frames of every size up to several chunks.
func stream(frames int) []message.Message {
	random := rand.New(rand.NewSource(1))
	payload := func(most int) []byte {
		bytes := make([]byte, 1+random.Intn(most))
		random.Read(bytes)
		return bytes
	}
	messages := []message.Message{
		&message.DataAMF0{
			ChunkStreamID:   4,
			MessageStreamID: streamID,
			Payload: amf0.Data{"@setDataFrame", "onMetaData", amf0.Object{
				{Key: "videocodecid", Value: float64(message.CodecH264)},
				{Key: "audiocodecid", Value: float64(message.CodecMPEG4Audio)},
				{Key: "videodatarate", Value: float64(1500)},
			}},
		},
		&message.Audio{
			ChunkStreamID:   message.AudioChunkStreamID,
			MessageStreamID: streamID,
			Codec:           message.CodecMPEG4Audio,
			Rate:            message.AudioRate44100,
			Depth:           message.AudioDepth16,
			IsStereo:        true,
			AACType:         message.AudioAACTypeConfig,
			AACConfig:       &mpeg4audio.AudioSpecificConfig{Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 44100, ChannelConfig: 2},
		},
	}
	for frame := range frames {
		at := firstTimestamp + time.Duration(frame)*33*time.Millisecond
		messages = append(messages,
			&message.Video{
				ChunkStreamID:   message.VideoChunkStreamID,
				MessageStreamID: streamID,
				Codec:           message.CodecH264,
				IsKeyFrame:      frame%30 == 0,
				Type:            message.VideoTypeAU,
				DTS:             at,
				AU:              payload(200_000),
			},
			&message.Audio{
				ChunkStreamID:   message.AudioChunkStreamID,
				MessageStreamID: streamID,
				Codec:           message.CodecMPEG4Audio,
				Rate:            message.AudioRate44100,
				Depth:           message.AudioDepth16,
				IsStereo:        true,
				AACType:         message.AudioAACTypeAU,
				DTS:             at,
				AU:              payload(400),
			})
	}
	return messages
}

// say prints a message of the stream; those of the connection itself are each side's own.
func say(each message.Message) error {
	switch each.(type) {
	case *message.Audio, *message.Video, *message.DataAMF0:
	default:
		return nil
	}
	text, err := json.Marshal(each)
	if err != nil {
		return err
	}
	// Which chunk stream and which stream carry it may change on the way.
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	delete(fields, "ChunkStreamID")
	delete(fields, "MessageStreamID")
	if text, err = json.Marshal(fields); err != nil {
		return err
	}
	hash := sha256.Sum256(text)
	return out.Encode(event{Event: "message", Type: fmt.Sprintf("%T", each), SHA256: hex.EncodeToString(hash[:])})
}

func serve(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if err := out.Encode(event{Event: "listening", Address: listener.Addr().String()}); err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		end := event{Event: "end"}
		if err := take(connection); err != nil && !errors.Is(err, io.EOF) {
			end.Error = err.Error()
		}
		connection.Close()
		if err := out.Encode(end); err != nil {
			return err
		}
	}
}

func take(connection net.Conn) error {
	server := &gortmplib.ServerConn{RW: connection}
	if err := server.Initialize(); err != nil {
		return err
	}
	if err := server.AcceptConn(); err != nil {
		return err
	}
	if err := out.Encode(event{Event: "publish", Path: server.URL.Path}); err != nil {
		return err
	}
	if err := server.AcceptAction(); err != nil {
		return err
	}
	for {
		each, err := server.Read()
		if err != nil {
			return err
		}
		if err := say(each); err != nil {
			return err
		}
	}
}

func readCases(in io.Reader) error {
	for {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if length > maxCaseBytes {
			return fmt.Errorf("a case of %d bytes is too long", length)
		}
		input := make([]byte, length)
		if _, err := io.ReadFull(in, input); err != nil {
			return err
		}
		if err := out.Encode(readChunks(input)); err != nil {
			return err
		}
	}
}

func readChunks(input []byte) reading {
	counter := bytecounter.NewReader(bytes.NewReader(input))
	reader := rawmessage.NewReader(counter, counter, func(uint32) error { return nil })
	done := reading{Messages: []rawMessage{}}
	for {
		each, err := reader.Read()
		if err == nil {
			done.Messages = append(done.Messages, rawMessage{
				Type:        each.Type,
				StreamID:    bits.ReverseBytes32(each.MessageStreamID),
				TimestampMs: each.Timestamp.Milliseconds(),
				Payload:     hex.EncodeToString(each.Body),
			})
			err = obey(reader, each)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return done
		}
		if err != nil {
			done.Error = err.Error()
			return done
		}
	}
}

// obey follows what a message says about the chunks to come.
func obey(reader *rawmessage.Reader, each *rawmessage.Message) error {
	if each.Type != typeSetChunkSize && each.Type != typeAbort {
		return nil
	}
	if len(each.Body) != 4 {
		return errors.New("a control message of another length")
	}
	value := binary.BigEndian.Uint32(each.Body)
	if each.Type == typeAbort {
		reader.AbortChunkStream(value)
		return nil
	}
	return reader.SetChunkSize(value)
}
