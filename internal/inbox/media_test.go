package inbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

func TestMediaIsFetched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := said(irina(), "m1", "")
		u.Message.Content.Attachments = []channel.Attachment{{Kind: channel.Voice, Ref: "voice-1", Duration: 3 * time.Second}}
		w.comes(w.tg, u)
		c := w.only()
		w.same("preview", []any{c.Preview.Attachment, c.Preview.Duration}, []any{channel.Voice, 3 * time.Second})
		job := w.jobs.take(inbox.JobMedia)[0]
		file := func() inbox.File { return w.timeline(c.ID)[0].Files[0] }
		fetch := func() error { return w.deliver.FetchMedia(w.ctx, w.ws, inbox.FileID(job.Subject)) }
		w.telegram.fetch = func(string) (channel.Media, error) {
			return channel.Media{}, &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonPlatformDown, RetryAfter: time.Second}
		}
		var later *inbox.Later
		if err := fetch(); !errors.As(err, &later) || later.After != time.Second {
			t.Fatalf("got %v", err)
		}
		w.same("pending", file().State, inbox.FilePending)
		w.shelf.fail = fault.New(fault.Unavailable, "blob.full")
		w.telegram.fetch = nil
		if err := fetch(); !errors.As(err, &later) {
			t.Fatalf("our own disk is full: got %v", err)
		}
		w.shelf.fail = nil
		w.must(fetch())
		w.must(fetch())
		f := file()
		w.same("ready", []any{f.State, f.Size, f.Duration, f.Kind}, []any{inbox.FileReady, len("voice-1"), 3 * time.Second, channel.Voice})
		r, _, err := w.service.Open(w.ctx, f, true)
		w.must(err)
		b, err := io.ReadAll(r)
		w.must(err)
		w.same("bytes", string(b), "voice-1")
		_, err = w.service.Refetch(w.ctx, w.anna, f.ID)
		w.is(err, inbox.ErrWrongState)
	})
}

func TestMediaThatCannotBeFetched(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		for n, x := range []struct {
			err    error
			state  inbox.FileState
			reason channel.Reason
		}{
			{&channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonExpired}, inbox.FileExpired, channel.ReasonExpired},
			{&channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonTooBig}, inbox.FileFailed, channel.ReasonTooBig},
			{fault.New(fault.TooLarge, "too_large"), inbox.FileFailed, channel.ReasonTooBig},
			{fault.New(fault.Invalid, "file.empty"), inbox.FileFailed, channel.ReasonMedia},
		} {
			u := said(irina(), fmt.Sprint("m", n), "")
			u.Message.Content.Attachments = []channel.Attachment{{Kind: channel.Image, Ref: "f"}}
			w.comes(w.tg, u)
			w.telegram.fetch = func(string) (channel.Media, error) { return channel.Media{}, x.err }
			id := inbox.FileID(w.jobs.take(inbox.JobMedia)[0].Subject)
			w.must(w.deliver.FetchMedia(w.ctx, w.ws, id))
			f, err := w.service.FileFor(w.ctx, w.anna, id)
			w.must(err)
			w.same("file", []any{f.State, f.Reason}, []any{x.state, x.reason})
			_, _, err = w.service.Open(w.ctx, f, false)
			w.is(err, inbox.ErrFileNotReady)
			if n > 0 {
				continue
			}
			f, err = w.service.Refetch(w.ctx, w.anna, id)
			w.must(err)
			w.telegram.fetch = nil
			w.must(w.deliver.FetchMedia(w.ctx, w.ws, f.ID))
			f, err = w.service.FileFor(w.ctx, w.anna, id)
			w.must(err)
			w.same("again", f.State, inbox.FileReady)
			w.jobs.take(inbox.JobMedia)
		}
	})
}

func TestPicture(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, fetched := irina(), 0
		p.AvatarRef = "face-1"
		w.telegram.fetch = func(ref string) (channel.Media, error) {
			fetched++
			return channel.Media{Body: io.NopCloser(strings.NewReader(ref)), Size: -1}, nil
		}
		w.comes(w.tg, said(p, "m1", "раз"), said(p, "m2", "два"))
		list := w.jobs.take(inbox.JobPicture)
		w.same("asked", len(list), 2)
		c := w.only()
		for _, j := range list {
			w.must(w.deliver.FetchPicture(w.ctx, w.ws, c.Contact, j.Text))
		}
		w.same("fetched once", fetched, 1)
		who, err := w.contacts.Get(w.ctx, w.anna, c.Contact)
		w.must(err)
		f, err := w.service.FileFor(w.ctx, w.boris, inbox.FileID(who.AvatarFile))
		w.must(err)
		w.same("picture", []any{f.State, who.AvatarRef}, []any{inbox.FileReady, "face-1"})
		w.comes(w.tg, said(p, "m3", "три"))
		w.same("known", len(w.jobs.take(inbox.JobPicture)), 0)
		if err := w.deliver.FetchPicture(w.ctx, w.ws, c.Contact, "nonsense"); err == nil {
			t.Error("a malformed job passed")
		}
	})
}

func TestOwnUploads(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.upload(channel.Image, "a.jpg", "image/jpeg", 5)
		_, err := w.service.FileFor(w.ctx, w.boris, id)
		w.is(err, inbox.ErrNoFile)
		w.is(w.service.UploadPicture(w.ctx, w.boris, id), inbox.ErrNoFile)
		w.must(w.service.UploadPicture(w.ctx, w.anna, id))
		_, err = w.service.FileFor(w.ctx, w.boris, id)
		w.must(err)
		// Nothing is left of a file whose row could not be written.
		n := len(w.shelf.blobs)
		_, err = w.service.Upload(w.ctx, w.anna, inbox.NewFile{Name: "b.jpg", MIME: "image/jpeg"}, io.MultiReader(bytes.NewReader([]byte("x")), broken{}))
		if err == nil || len(w.shelf.blobs) != n {
			t.Errorf("a broken upload left something: %v", err)
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
