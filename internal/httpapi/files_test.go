package httpapi_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http/httptest"
	"strings"
	"testing"
)

// face is a picture as a browser uploads it.
func face(t *testing.T) (mime string, body *bytes.Buffer) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return form("лицо.png", b.String())
}

type fileInfo struct {
	ID, Kind, Name, State, URL string
	Size                       int
}

// TestOwnPicture: everybody has a picture, whatever his role allows.
func TestOwnPicture(t *testing.T) {
	s := newStage(t)
	mime, body := face(t)
	w := s.as("bare", "POST", "/api/v1/files", mime, bytes.NewReader(body.Bytes()))
	if w.Code != 403 {
		t.Errorf("a file to send, without the permission to send: %d %s", w.Code, w.Body)
	}
	mime, body = face(t)
	var f fileInfo
	s.good(s.as("bare", "POST", "/api/v1/files?purpose=avatar", mime, body), "upload", &f)
	var me struct {
		User struct {
			AvatarURL string `json:"avatar_url"`
		}
	}
	s.good(s.json("bare", "PATCH", "/me", object{"avatar_file_id": f.ID}), "/me", &me)
	if me.User.AvatarURL == "" {
		t.Error("no picture")
	}
	if w := s.json("agent", "GET", strings.TrimPrefix(f.URL, "/api/v1"), nil); w.Code != 200 {
		t.Errorf("a colleague does not see it: %d", w.Code)
	}
	mime, body = form("note.txt", "not a face")
	w = s.as("bare", "POST", "/api/v1/files?purpose=avatar", mime, body)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "picture.not_an_image") {
		t.Errorf("a text as a picture: %d %s", w.Code, w.Body)
	}
}

// TestFileMetadata: a page that was loaded again finds its draft's files.
func TestFileMetadata(t *testing.T) {
	s := newStage(t)
	id := s.upload("agent")
	s.good(s.json("agent", "PUT", "/conversations/"+s.ids["conversation"]+"/draft", object{"text": "вот", "file_ids": []string{id}}), "draft", nil)
	var d struct {
		FileIDs []string `json:"file_ids"`
	}
	s.good(s.json("agent", "GET", "/conversations/"+s.ids["conversation"]+"/draft", nil), "draft", &d)
	if len(d.FileIDs) != 1 || d.FileIDs[0] != id {
		t.Fatalf("draft: %+v", d)
	}
	for who, want := range map[string]int{"agent": 200, "admin": 404, "outsider": 404, "stranger": 404, "nobody": 401} {
		w := s.json(who, "GET", "/files/"+id, nil)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", who, w.Code, want)
		}
		if want != 200 {
			continue
		}
		var f fileInfo
		s.good(w, who, &f)
		if f.ID != id || f.Name != "смета.txt" || f.Kind != "document" || f.State != "ready" || f.Size != len("всего 100 рублей") || f.URL == "" {
			t.Errorf("%+v", f)
		}
	}
}

// TestCannedReplyFiles: the files come with the reply, and any colleague may
// read them.
func TestCannedReplyFiles(t *testing.T) {
	s := newStage(t)
	mime, body := form("прайс.txt", "100 рублей")
	var f fileInfo
	s.good(s.as("supervisor", "POST", "/api/v1/files?purpose=canned", mime, body), "upload", &f)
	w := s.json("supervisor", "POST", "/canned-replies", object{"shortcut": "price", "title": "Цены", "text": "Вот", "file_ids": []string{f.ID}})
	for what, w := range map[string]*httptest.ResponseRecorder{"made": w, "listed": s.json("agent", "GET", "/canned-replies", nil)} {
		if !strings.Contains(w.Body.String(), `"files":[{"id":"`+f.ID+`"`) {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	for range 2 {
		s.good(s.json("agent", "POST", "/conversations/"+s.ids["conversation"]+"/notes", object{"text": "x", "file_ids": []string{f.ID}}), "note", nil)
	}
	if w := s.json("outsider", "GET", "/files/"+f.ID, nil); w.Code != 200 {
		t.Errorf("a colleague cannot read it: %d", w.Code)
	}
	if w := s.json("stranger", "GET", "/files/"+f.ID, nil); w.Code != 404 {
		t.Errorf("another workspace reads it: %d", w.Code)
	}
}
