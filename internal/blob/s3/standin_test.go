package s3_test

import (
	"bytes"
	"crypto/md5" //nolint:gosec // S3's entity tags are MD5
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// standIn is an S3 of one bucket for tests: it checks every signature, and
// does what Amazon's API reference says of the requests it knows.
type standIn struct {
	verifier verifier
	bucket   string
	page     int // keys in one answer of a listing

	mu      sync.Mutex
	objects map[string]object
	uploads map[string]map[int][]byte
	joined  map[string]string // upload id → key
	counts  map[string]int
	full    bool // answer that there is no room
	cut     int  // break a body off after so many bytes, once
	next    int
}

type object struct {
	data []byte
	etag string
	time time.Time
}

func newStandIn(v verifier, bucket string) *standIn {
	return &standIn{
		verifier: v, bucket: bucket, page: 7,
		objects: map[string]object{}, uploads: map[string]map[int][]byte{}, joined: map[string]string{}, counts: map[string]int{},
	}
}

func (s *standIn) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[what]
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := s.verifier.verify(r)
	if err != nil {
		s.refuse(w, r, http.StatusForbidden, err.Error())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	switch {
	case bucket != s.bucket:
		s.refuse(w, r, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodGet && q.Has("location"):
		s.answer(w, struct {
			XMLName xml.Name `xml:"LocationConstraint"`
			Region  string   `xml:",chardata"`
		}{Region: "eu-test-1"})
	case key == "" && r.Method == http.MethodGet && q.Get("list-type") == "2":
		s.list(w, q.Get("prefix"), q.Get("continuation-token"))
	case s.full && (r.Method == http.MethodPut || r.Method == http.MethodPost):
		s.refuse(w, r, http.StatusInsufficientStorage, "XMinioStorageFull")
	case r.Method == http.MethodPost && q.Has("uploads"):
		s.begin(w, key)
	case q.Has("uploadId"):
		s.multipart(w, r, key, body)
	case r.Method == http.MethodPut:
		s.counts["whole"]++
		s.store(w, key, body)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.read(w, r, key)
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		s.refuse(w, r, http.StatusNotImplemented, "NotImplemented")
	}
}

func (s *standIn) refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>refused</Message></Error>", code) // the client sees what arrives
	}
}

func (s *standIn) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/xml")
	if err := xml.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func tag(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // an entity tag
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func (s *standIn) store(w http.ResponseWriter, key string, data []byte) {
	o := object{data: data, etag: tag(data), time: time.Now().UTC().Truncate(time.Second)}
	s.objects[key] = o
	w.Header().Set("ETag", o.etag)
}

func (s *standIn) read(w http.ResponseWriter, r *http.Request, key string) {
	o, ok := s.objects[key]
	if !ok {
		s.refuse(w, r, http.StatusNotFound, "NoSuchKey")
		return
	}
	if r.Header.Get("Range") != "" {
		s.counts["range"]++
	}
	w.Header().Set("ETag", o.etag)
	w.Header().Set("Content-Type", "application/octet-stream")
	if s.cut > 0 && r.Method == http.MethodGet {
		w.Header().Set("Content-Length", strconv.Itoa(len(o.data)))
		w.Header().Set("Last-Modified", o.time.Format(http.TimeFormat))
		_, _ = w.Write(o.data[:s.cut]) // broken off on purpose
		s.cut = 0
		panic(http.ErrAbortHandler)
	}
	http.ServeContent(w, r, "", o.time, bytes.NewReader(o.data))
}

func (s *standIn) begin(w http.ResponseWriter, key string) {
	s.next++
	id := strconv.Itoa(s.next)
	s.uploads[id], s.joined[id] = map[int][]byte{}, key
	s.answer(w, struct {
		XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string   //nolint:revive // the element's name
	}{Bucket: s.bucket, Key: key, UploadId: id})
}

func (s *standIn) multipart(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	id := r.URL.Query().Get("uploadId")
	parts, ok := s.uploads[id]
	if !ok || s.joined[id] != key {
		s.refuse(w, r, http.StatusNotFound, "NoSuchUpload")
		return
	}
	switch r.Method {
	case http.MethodPut:
		n, err := strconv.Atoi(r.URL.Query().Get("partNumber"))
		if err != nil || n < 1 || n > 10_000 {
			s.refuse(w, r, http.StatusBadRequest, "InvalidArgument")
			return
		}
		parts[n] = body
		s.counts["part"]++
		w.Header().Set("ETag", tag(body))
	case http.MethodDelete:
		delete(s.uploads, id)
		s.counts["abort"]++
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPost:
		s.complete(w, r, key, body, parts)
	}
}

func (s *standIn) complete(w http.ResponseWriter, r *http.Request, key string, body []byte, parts map[int][]byte) {
	var list struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(body, &list); err != nil || len(list.Part) == 0 {
		s.refuse(w, r, http.StatusBadRequest, "MalformedXML")
		return
	}
	var data []byte
	for i, p := range list.Part {
		part, ok := parts[p.PartNumber]
		switch {
		case !ok || strings.Trim(p.ETag, `"`) != strings.Trim(tag(part), `"`):
			s.refuse(w, r, http.StatusBadRequest, "InvalidPart")
			return
		case i > 0 && p.PartNumber <= list.Part[i-1].PartNumber:
			s.refuse(w, r, http.StatusBadRequest, "InvalidPartOrder")
			return
		case i < len(list.Part)-1 && len(part) < 5<<20:
			s.refuse(w, r, http.StatusBadRequest, "EntityTooSmall")
			return
		}
		data = append(data, part...)
	}
	delete(s.uploads, r.URL.Query().Get("uploadId"))
	s.store(w, key, data)
	s.answer(w, struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
	}{Bucket: s.bucket, Key: key, ETag: tag(data)})
}

func (s *standIn) list(w http.ResponseWriter, prefix, after string) {
	keys := []string{}
	for key := range s.objects {
		if strings.HasPrefix(key, prefix) && key > after {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	type content struct {
		Key, LastModified, ETag string
		Size                    int
	}
	answer := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name, Prefix          string
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []content
	}{Name: s.bucket, Prefix: prefix}
	if len(keys) > s.page {
		keys = keys[:s.page]
		answer.IsTruncated, answer.NextContinuationToken = true, keys[len(keys)-1]
	}
	for _, key := range keys {
		o := s.objects[key]
		answer.Contents = append(answer.Contents, content{key, o.time.Format("2006-01-02T15:04:05.000Z"), o.etag, len(o.data)})
	}
	s.answer(w, answer)
}
