// Package voice turns what browsers and messengers record into the one form
// that every messenger takes for a true voice message, Ogg/Opus in mono, and
// finds the length and the waveform of audio.
//
// WebM and Ogg are rewritten packet by packet without a loss (RFC 7845 for
// Ogg/Opus, RFC 9559 for Matroska). Other formats need the ffmpeg program,
// which is used if it is installed and never needed to start.
package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// MIME is the type of the voice messages made here.
const MIME = "audio/ogg; codecs=opus"

// Note is a voice message ready to be stored and sent.
type Note struct {
	Data     []byte // Ogg/Opus, mono, without comments
	Duration time.Duration
	// Peaks is the waveform: PeakCount values from 0 to 255. Nil if it could
	// not be found; the message is good all the same.
	Peaks []byte
}

// Info is what could be learnt of an audio file.
type Info struct {
	Duration time.Duration // 0: unknown
	Peaks    []byte        // as of a Note
}

// Runner runs the ffmpeg program: it copies what the program prints to out.
type Runner interface {
	Run(ctx context.Context, args []string, out io.Writer) error
}

// Config sets up a Converter.
type Config struct {
	// FFmpeg is nil where the program is not installed.
	FFmpeg Runner
	// TempDir holds files while ffmpeg reads them; empty: the system's.
	TempDir string
	// MaxBytes bounds a recording and MaxDuration a voice message; zero means
	// 32 MiB and 2 hours.
	MaxBytes    int64
	MaxDuration time.Duration
	Log         *slog.Logger
}

// Converter is safe for use by many goroutines.
type Converter struct{ cfg Config }

// New returns a Converter.
func New(cfg Config) *Converter {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 32 << 20
	}
	if cfg.MaxDuration <= 0 {
		cfg.MaxDuration = 2 * time.Hour
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Converter{cfg: cfg}
}

// Note makes a voice message of a recording in WebM, Ogg, or, with ffmpeg, of
// MP4, MP3, WAV, FLAC, AAC or AMR.
//
// Its faults: "voice.too_large", "voice.too_long" (TooLarge); "voice.empty",
// "voice.unknown_format", "voice.damaged" (Invalid); "voice.needs_ffmpeg"
// (Unavailable) where the format needs a program that is not installed.
func (c *Converter) Note(ctx context.Context, r io.Reader) (Note, error) {
	data, err := c.read(r)
	if err != nil {
		return Note{}, err
	}
	src, err := opusSource(data)
	if errors.Is(err, errNoOpus) || errors.Is(err, errEncoded) || (err == nil && src.info().mapping != 0) {
		if data, err = c.transcode(ctx, data); err != nil {
			return Note{}, err
		}
		src, err = opusSource(data)
	}
	if err != nil {
		return Note{}, fault.Wrap(fault.Invalid, "voice.damaged", err)
	}
	return c.remux(ctx, src)
}

// Inspect finds the length and the waveform of an audio file, each if it can.
// What it cannot read has neither, which is no error; errors are those of
// reading r and of ctx, and the fault "voice.too_large".
func (c *Converter) Inspect(ctx context.Context, r io.Reader) (Info, error) {
	data, err := c.read(r)
	if err != nil {
		return Info{}, err
	}
	if src, err := opusSource(data); err == nil && src.info().mapping == 0 {
		info := Info{Peaks: c.peaks(ctx, src)}
		for err == nil { // the length is known at the end
			_, _, err = src.next()
		}
		info.Duration = samplesToTime(src.length() - int64(src.info().preSkip))
		return info, ctx.Err() //nolint:wrapcheck // the caller's own
	}
	kind := sniff(data)
	if kind.demuxer == "" {
		return Info{}, nil
	}
	info := Info{}
	if kind.duration != nil {
		info.Duration = kind.duration(data)
	}
	if c.cfg.FFmpeg != nil {
		pcm := &pcmWriter{}
		args := []string{"-vn", "-ac", "1", "-ar", fmt.Sprint(meterRate), "-t", seconds(c.cfg.MaxDuration), "-f", "s16le", "pipe:1"}
		if err := c.ffmpeg(ctx, data, kind.demuxer, args, pcm); err != nil {
			c.cfg.Log.WarnContext(ctx, "no waveform of an audio file", slog.String("format", kind.demuxer), slog.Any("error", err))
			return info, ctx.Err() //nolint:wrapcheck // the caller's own
		}
		info.Peaks = pcm.meter.peaks()
		if heard := time.Duration(pcm.meter.samples) * time.Second / meterRate; info.Duration == 0 && heard < c.cfg.MaxDuration {
			info.Duration = heard
		}
	}
	return info, nil
}

func (c *Converter) read(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, c.cfg.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read a recording: %w", err)
	}
	if int64(len(data)) > c.cfg.MaxBytes {
		return nil, fault.New(fault.TooLarge, "voice.too_large").With("limit", c.cfg.MaxBytes)
	}
	if len(data) == 0 {
		return nil, fault.New(fault.Invalid, "voice.empty")
	}
	return data, nil
}

// remux writes the packets of any container into Ogg.
func (c *Converter) remux(ctx context.Context, src source) (Note, error) {
	var out bytes.Buffer
	var ogg *oggWriter
	for {
		p, samples, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && ogg == nil {
			// Any number will do; one made of the first packet makes the same
			// recording the same file.
			ogg, err = newOggWriter(&out, src.info(), crc32.ChecksumIEEE(p))
		}
		if err == nil {
			err = ogg.write(p, samples)
		}
		if err != nil {
			return Note{}, fault.Wrap(fault.Invalid, "voice.damaged", err)
		}
		if samplesToTime(ogg.granule) > c.cfg.MaxDuration+time.Second {
			return Note{}, fault.New(fault.TooLarge, "voice.too_long").With("seconds", int(c.cfg.MaxDuration.Seconds()))
		}
	}
	skip := int64(src.info().preSkip)
	if ogg == nil || src.length() <= skip {
		return Note{}, fault.New(fault.Invalid, "voice.empty")
	}
	if err := ogg.close(src.length()); err != nil {
		return Note{}, fault.Wrap(fault.Invalid, "voice.damaged", err)
	}
	note := Note{Data: out.Bytes(), Duration: samplesToTime(src.length() - skip)}
	made, err := newOggReader(note.Data)
	if err != nil {
		return Note{}, fault.Wrap(fault.Internal, "voice.remux", err)
	}
	note.Peaks = c.peaks(ctx, made)
	return note, ctx.Err() //nolint:wrapcheck // the caller's own
}

func (c *Converter) peaks(ctx context.Context, src source) []byte {
	peaks, err := opusPeaks(ctx, src, int64((c.cfg.MaxDuration+time.Minute)/time.Second)*sampleRate)
	if err != nil {
		c.cfg.Log.WarnContext(ctx, "no waveform of a voice message", slog.Any("error", err))
	}
	return peaks
}

// transcode makes Ogg/Opus of what is not Opus, by ffmpeg.
func (c *Converter) transcode(ctx context.Context, data []byte) ([]byte, error) {
	kind := sniff(data)
	if kind.demuxer == "" {
		return nil, fault.New(fault.Invalid, "voice.unknown_format")
	}
	if c.cfg.FFmpeg == nil {
		return nil, fault.New(fault.Unavailable, "voice.needs_ffmpeg").With("format", kind.name)
	}
	args := []string{"-vn", "-map_metadata", "-1", "-t", seconds(c.cfg.MaxDuration + 2*time.Second)}
	if kind.demuxer == "mov" && bytes.Contains(data, []byte("dOps")) {
		args = append(args, "-c:a", "copy") // Opus in MP4: Chromium records so too
	} else {
		args = append(args, "-ac", "1", "-ar", "48000", "-c:a", "libopus", "-b:a", "32k", "-application", "voip")
	}
	var out bytes.Buffer
	if err := c.ffmpeg(ctx, data, kind.demuxer, append(args, "-f", "ogg", "pipe:1"), &out); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("convert a recording: %w", err)
		}
		return nil, fault.Wrap(fault.Invalid, "voice.damaged", err)
	}
	return out.Bytes(), nil
}

// ffmpeg hands the data over in a file, because some formats need seeking.
// The format is ours to say: left to guess, the program would take a play list
// or a list of files for audio and open what it names.
func (c *Converter) ffmpeg(ctx context.Context, data []byte, demuxer string, args []string, out io.Writer) error {
	f, err := os.CreateTemp(c.cfg.TempDir, "okno-voice-*")
	if err != nil {
		return fmt.Errorf("hand over to ffmpeg: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("hand over to ffmpeg: %w", err)
	}
	full := append([]string{
		"-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1",
		"-protocol_whitelist", "file,pipe", "-f", demuxer, "-i", "file:" + f.Name(),
	}, args...)
	return c.cfg.FFmpeg.Run(ctx, full, out) //nolint:wrapcheck // says what it ran
}

func samplesToTime(n int64) time.Duration {
	return time.Duration(max(0, n)) * time.Second / sampleRate
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
