package voice

import (
	"bytes"
	"fmt"
	"time"
)

// format is a container of audio this package knows.
type format struct {
	name     string // for people
	demuxer  string // ffmpeg's name of it
	duration func([]byte) time.Duration
}

// sniff tells the container by its first bytes, never by a name or a type
// that a sender gave.
func sniff(b []byte) format {
	switch {
	case bytes.HasPrefix(b, []byte("OggS")):
		return format{"Ogg", "ogg", nil}
	case bytes.HasPrefix(b, []byte{0x1a, 0x45, 0xdf, 0xa3}):
		return format{"WebM", "matroska", webmDuration}
	case len(b) > 12 && string(b[4:8]) == "ftyp":
		return format{"MP4", "mov", mp4Duration}
	case len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WAVE":
		return format{"WAV", "wav", wavDuration}
	case bytes.HasPrefix(b, []byte("fLaC")):
		return format{"FLAC", "flac", nil}
	case bytes.HasPrefix(b, []byte("#!AMR")):
		return format{"AMR", "amr", nil}
	case bytes.HasPrefix(b, []byte("ID3")):
		return format{"MP3", "mp3", mp3Duration}
	case len(b) > 4 && b[0] == 0xff && b[1]&0xf6 == 0xf0:
		return format{"AAC", "aac", nil}
	case len(b) > 4 && b[0] == 0xff && b[1]&0xe6 == 0xe2:
		return format{"MP3", "mp3", mp3Duration}
	default:
		return format{}
	}
}

// opusSource opens the Opus stream of an Ogg or WebM file.
func opusSource(data []byte) (source, error) {
	switch sniff(data).demuxer {
	case "ogg":
		r, err := newOggReader(data)
		if err != nil {
			return nil, err
		}
		return r, nil
	case "matroska":
		r, err := newWebMReader(data)
		if err != nil {
			return nil, fmt.Errorf("read WebM: %w", err)
		}
		return r, nil
	default:
		return nil, errNoOpus
	}
}
