package inbox_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

// put uploads a file in somebody's name.
func (w *world) put(a access.Actor, p inbox.Purpose, name string) inbox.FileID {
	w.t.Helper()
	f, err := w.service.Upload(w.ctx, a, inbox.NewFile{Name: name, MIME: "image/jpeg", Purpose: p}, strings.NewReader(name))
	w.must(err)
	return f.ID
}

// withFiles is a letter with files.
func withFiles(ids ...inbox.FileID) inbox.Letter { return inbox.Letter{Files: ids} }

// TestCannedFilesAreEverybodys: whoever may use a canned reply sees and sends
// its files, as often as he likes; others do neither.
func TestCannedFilesAreEverybodys(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.shelf.kinds["price.jpg"] = channel.Image
		price := w.put(w.admin, inbox.ForCanned, "price.jpg")
		everywhere, err := w.service.SaveCanned(w.ctx, w.admin, inbox.Canned{Shortcut: "price", Title: "Цены", Text: "Вот", Files: []inbox.FileID{price}})
		w.must(err)
		w.same("saved with its file", []any{len(everywhere.Attached), everywhere.Attached[0].Name}, []any{1, "price.jpg"})
		list, err := w.service.ListCanned(w.ctx, w.anna)
		w.must(err)
		w.same("listed with its file", []any{len(list), len(list[0].Attached), list[0].Attached[0].ID}, []any{1, 1, price})
		w.comes(w.tg, said(irina(), "m1", "Сколько стоит?"))
		c := w.only()
		for range 3 {
			i := w.send(c.ID, withFiles(price))
			w.same("sent", []any{len(i.Files), i.Files[0].Name, i.Files[0].ID == price}, []any{1, "price.jpg", false})
		}
		w.must(second(w.service.AddNote(w.ctx, w.admin, c.ID, inbox.NewNote{Files: []inbox.FileID{price}})))
		f, err := w.service.FileFor(w.ctx, w.boris, price)
		w.must(err)
		w.same("still the reply's own", f.Item, inbox.ItemID(0))
		for _, i := range w.timeline(c.ID) {
			for _, f := range i.Files {
				_, _, err := w.service.Open(w.ctx, f, false)
				w.must(err)
			}
		}
		// Now the reply is for an inbox where Boris does not work.
		everywhere.Inbox = w.box
		w.must(second(w.service.SaveCanned(w.ctx, w.admin, everywhere)))
		_, err = w.service.FileFor(w.ctx, w.boris, price)
		w.is(err, inbox.ErrNoFile)
		w.must(second(w.service.FileFor(w.ctx, w.anna, price)))
		// Without the reply it is again the uploader's alone.
		w.must(w.service.DeleteCanned(w.ctx, w.admin, everywhere.ID))
		_, err = w.service.FileFor(w.ctx, w.anna, price)
		w.is(err, inbox.ErrNoFile)
		_, err = w.service.Send(w.ctx, w.anna, c.ID, withFiles(price))
		w.is(err, inbox.ErrNoFile)
		w.must(second(w.service.Send(w.ctx, w.admin, c.ID, withFiles(price))))
	})
}

// TestUploadPurposes: what a file is for decides who may upload it.
func TestUploadPurposes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shelf.kinds["face.jpg"] = channel.Image
		agent := w.anna
		silent := access.NewActor(access.User{ID: agent.User, Workspace: agent.Workspace}, nil)
		keeper := access.NewActor(access.User{ID: agent.User, Workspace: agent.Workspace}, []access.Permission{access.ManageCanned})
		for _, x := range []struct {
			who     access.Actor
			purpose inbox.Purpose
			name    string
			code    string
		}{
			{agent, "", "a.txt", ""},
			{agent, inbox.ForMessage, "a.txt", ""},
			{agent, inbox.ForCanned, "a.txt", "access.denied"},
			{keeper, inbox.ForCanned, "a.txt", ""},
			{keeper, inbox.ForMessage, "a.txt", "access.denied"},
			{silent, "", "a.txt", "access.denied"},
			{silent, inbox.ForCanned, "a.txt", "access.denied"},
			{silent, inbox.ForAvatar, "face.jpg", ""},
			{silent, inbox.ForAvatar, "a.txt", "picture.not_an_image"},
			{agent, "other", "a.txt", "file.bad_purpose"},
		} {
			before := len(w.shelf.blobs)
			f, err := w.service.Upload(w.ctx, x.who, inbox.NewFile{Name: x.name, Purpose: x.purpose}, strings.NewReader("x"))
			code := ""
			if err != nil {
				code = fault.CodeOf(err)
			}
			if code != x.code {
				t.Errorf("%q for %q: got %q, want %q", x.name, x.purpose, code, x.code)
			}
			if err != nil && len(w.shelf.blobs) != before {
				t.Errorf("%q for %q: its bytes were kept", x.name, x.purpose)
			}
			if x.purpose == inbox.ForAvatar && err == nil {
				w.must(w.service.UploadPicture(w.ctx, x.who, f.ID))
			}
		}
		big := strings.NewReader(strings.Repeat("x", 11<<20))
		if _, err := w.service.Upload(w.ctx, silent, inbox.NewFile{Name: "face.jpg", Purpose: inbox.ForAvatar}, big); fault.KindOf(err) != fault.TooLarge {
			t.Errorf("a huge picture: %v", err)
		}
	})
}

// discard carries out the jobs that remove uploads.
func (w *world) discard() (n int) {
	w.t.Helper()
	for _, j := range w.jobs.take(inbox.JobDiscard) {
		w.must(w.deliver.Discard(w.ctx, j.Workspace, inbox.FileID(j.Subject)))
		w.must(w.deliver.Discard(w.ctx, j.Workspace, inbox.FileID(j.Subject))) // twice does no harm
		n++
	}
	return n
}

// tidy gives unused uploads up and says how many there were.
func (w *world) tidy() int {
	w.t.Helper()
	n, err := w.service.TidyUploads(w.ctx)
	w.must(err)
	return n
}

// TestUnusedUploadsGo: after a day an upload goes that nothing refers to, with
// its bytes, and nothing else does.
func TestUnusedUploadsGo(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		for _, n := range []string{"face.jpg", "draft.jpg", "canned.jpg", "later.jpg", "sent.jpg", "note.jpg", "waste.jpg", "old face.jpg"} {
			w.shelf.kinds[n] = channel.Image
		}
		w.comes(w.tg, said(irina(), "m1", "Здравствуйте"))
		c := w.only()
		face := w.put(w.anna, inbox.ForAvatar, "face.jpg")
		w.must(w.service.UploadPicture(w.ctx, w.anna, face))
		w.must(second(w.db.Exec(w.ctx, `UPDATE users SET avatar_file_id = $1 WHERE id = $2`, int64(face), int64(w.anna.User))))
		oldFace := w.put(w.anna, inbox.ForAvatar, "old face.jpg")
		w.must(w.service.UploadPicture(w.ctx, w.anna, oldFace))
		draft, canned, later := w.put(w.anna, "", "draft.jpg"), w.put(w.admin, inbox.ForCanned, "canned.jpg"), w.put(w.anna, "", "later.jpg")
		sent, note := w.put(w.anna, "", "sent.jpg"), w.put(w.anna, "", "note.jpg")
		w.must(w.service.SetDraft(w.ctx, w.anna, c.ID, inbox.Draft{Text: "ещё", Files: []inbox.FileID{draft}}))
		w.must(second(w.service.SaveCanned(w.ctx, w.admin, inbox.Canned{Shortcut: "x", Title: "x", Files: []inbox.FileID{canned}})))
		w.must(second(w.service.Send(w.ctx, w.admin, c.ID, withFiles(canned))))
		w.must(second(w.service.Send(w.ctx, w.anna, c.ID, inbox.Letter{Files: []inbox.FileID{later}, SendAt: w.clock.Now().Add(72 * time.Hour)})))
		w.must(second(w.service.Send(w.ctx, w.admin, c.ID, withFiles(w.put(w.admin, "", "sent.jpg")))))
		w.must(second(w.service.AddNote(w.ctx, w.anna, c.ID, inbox.NewNote{Files: []inbox.FileID{note}})))
		waste := w.put(w.anna, "", "waste.jpg")
		w.clock.pass(23 * time.Hour)
		w.same("too early", w.tidy(), 0)
		// Anna's own "sent.jpg" was never sent: it goes, as the waste does and the
		// picture that nobody has any more.
		w.clock.pass(2 * time.Hour)
		w.must(w.service.SetDraft(w.ctx, w.anna, c.ID, inbox.Draft{Text: "ещё", Files: []inbox.FileID{draft}}))
		w.same("given up", w.tidy(), 3)
		w.same("once", w.tidy(), 0)
		_, err := w.service.Send(w.ctx, w.anna, c.ID, withFiles(waste))
		w.is(err, inbox.ErrFileNotReady)
		_, err = w.service.FileFor(w.ctx, w.anna, waste)
		w.is(err, inbox.ErrNoFile)
		w.same("removed", w.discard(), 3)
		for _, id := range []inbox.FileID{face, draft, canned, later, note} {
			f, err := w.service.FileFor(w.ctx, w.admin, id)
			if errors.Is(err, inbox.ErrNoFile) {
				f, err = w.service.FileFor(w.ctx, w.anna, id)
			}
			w.must(err)
			w.must(second2(w.service.Open(w.ctx, f, false)))
		}
		for _, id := range []inbox.FileID{sent, waste, oldFace} {
			_, err := w.store.File(w.ctx, w.ws, id)
			w.is(err, inbox.ErrNoFile)
		}
		var names []string
		for _, b := range w.shelf.blobs {
			names = append(names, string(b))
		}
		slices.Sort(names)
		w.same("bytes left", names, []string{"canned.jpg", "draft.jpg", "face.jpg", "later.jpg", "note.jpg", "sent.jpg"})

		// The reply goes, and its file with it; what was sent of it stays.
		list, err := w.service.ListCanned(w.ctx, w.admin)
		w.must(err)
		w.must(w.service.DeleteCanned(w.ctx, w.admin, list[0].ID))
		w.must(w.service.SetDraft(w.ctx, w.anna, c.ID, inbox.Draft{}))
		w.same("after the reply and the draft", []int{w.tidy(), w.discard()}, []int{2, 2})
		for _, i := range w.timeline(c.ID) {
			for _, f := range i.Files {
				w.must(second2(w.service.Open(w.ctx, f, false)))
			}
		}
	})
}

// TestStoreTroubleDelaysRemoval: a file store that is away keeps the job.
func TestStoreTroubleDelaysRemoval(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		id := w.put(w.anna, "", "waste.txt")
		w.clock.pass(25 * time.Hour)
		w.same("given up", w.tidy(), 1)
		away := errors.New("the store is away")
		broken := w.deps
		broken.Library = sulking{w.shelf, away}
		w.is(inbox.NewDeliverer(broken).Discard(w.ctx, w.ws, id), away)
		w.must(second(w.store.File(w.ctx, w.ws, id)))
		w.must(w.deliver.Discard(w.ctx, w.ws, id))
		_, err := w.store.File(w.ctx, w.ws, id)
		w.is(err, inbox.ErrNoFile)
	})
}

// sulking is a library that removes nothing.
type sulking struct {
	*shelf
	err error
}

func (s sulking) Discard(context.Context, string) error { return s.err }

// TestDraftsKeepWhatIsThere: files that were sent elsewhere or are somebody
// else's fall out of a draft.
func TestDraftsKeepWhatIsThere(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"))
		c := w.only()
		mine, theirs := w.put(w.anna, "", "mine.txt"), w.put(w.admin, "", "theirs.txt")
		w.must(w.service.SetDraft(w.ctx, w.anna, c.ID, inbox.Draft{Text: "x", Files: []inbox.FileID{mine, theirs, 12345}}))
		d, err := w.service.GetDraft(w.ctx, w.anna, c.ID)
		w.must(err)
		w.same("files", d.Files, []inbox.FileID{mine})
	})
}

// TestPicturesOfContactsStay: the upkeep of uploads leaves contacts' pictures.
func TestPicturesOfContactsStay(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		p := irina()
		p.AvatarRef = "face"
		w.comes(w.tg, said(p, "m1", "раз"))
		for _, j := range w.jobs.take(inbox.JobPicture) {
			w.must(w.deliver.FetchPicture(w.ctx, w.ws, contact.ID(j.Subject), j.Text))
		}
		w.clock.pass(48 * time.Hour)
		w.same("given up", w.tidy(), 0)
	})
}

func second2[A, B any](_ A, _ B, err error) error { return err }
