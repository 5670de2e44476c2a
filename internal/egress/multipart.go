package egress

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
)

// Field is one plain value of a form.
type Field struct{ Name, Value string }

// File is one file of a form.
type File struct {
	// Field is the form field, Name the file's name as the other side sees
	// it; an empty ContentType means application/octet-stream.
	Field, Name, ContentType string
	// Size in bytes must be exact: it is announced before reading.
	Size int64
	// Open returns the content from its beginning. It may be called again
	// when a stale connection makes a second try necessary.
	Open func() (io.ReadCloser, error)
}

// Bytes returns a file whose content is in memory.
func Bytes(field, name, contentType string, content []byte) File {
	return File{
		Field: field, Name: name, ContentType: contentType, Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

var errSize = errors.New("file does not have its announced size")

// multipartBody renders everything but the files' contents, and with that
// knows the size of the whole (RFC 7578).
func multipartBody(fields []Field, files []File) (payload, error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, f := range fields {
		if err := w.WriteField(f.Name, f.Value); err != nil {
			return payload{}, fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	var (
		size  int64
		heads = make([][]byte, 0, len(files))
	)
	for _, f := range files {
		if f.Size < 0 || f.Open == nil {
			return payload{}, fmt.Errorf("file %s: size and content must be known", f.Field)
		}
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", multipart.FileContentDisposition(f.Field, f.Name))
		contentType := f.ContentType
		if contentType == "" {
			contentType = "application/octet-stream"
		}
		h.Set("Content-Type", contentType)
		if _, err := w.CreatePart(h); err != nil {
			return payload{}, fmt.Errorf("file %s: %w", f.Field, err)
		}
		heads = append(heads, bytes.Clone(buf.Bytes()))
		size += int64(buf.Len()) + f.Size
		buf.Reset()
	}
	if err := w.Close(); err != nil {
		return payload{}, fmt.Errorf("end of form: %w", err)
	}
	tail := buf.Bytes()
	size += int64(len(tail))
	return payload{contentType: w.FormDataContentType(), size: size, open: func() (io.ReadCloser, error) {
		return newForm(files, heads, tail), nil
	}}, nil
}

// form reads the rendered parts and the files in turn, opening each file only
// when it is reached.
type form struct {
	io.Reader
	open []*exactFile
}

func newForm(files []File, heads [][]byte, tail []byte) *form {
	f := &form{}
	readers := make([]io.Reader, 0, 2*len(files)+1)
	for i := range files {
		content := &exactFile{file: files[i], left: files[i].Size}
		f.open = append(f.open, content)
		readers = append(readers, bytes.NewReader(heads[i]), content)
	}
	f.Reader = io.MultiReader(append(readers, bytes.NewReader(tail))...)
	return f
}

func (f *form) Close() error {
	var errs []error
	for _, e := range f.open {
		errs = append(errs, e.close())
	}
	return errors.Join(errs...)
}

// exactFile yields exactly Size bytes or fails. As the form's end comes after
// every file, a file that is too long fails before the form is complete.
type exactFile struct {
	file   File
	reader io.ReadCloser
	left   int64
	ended  bool
}

func (e *exactFile) Read(p []byte) (int, error) {
	if e.ended {
		return 0, io.EOF
	}
	if e.reader == nil {
		r, err := e.file.Open()
		if err != nil {
			return 0, fmt.Errorf("open file: %w", err)
		}
		e.reader = r
	}
	if e.left == 0 {
		return 0, e.end()
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.reader.Read(p)
	e.left -= int64(n)
	if errors.Is(err, io.EOF) {
		if e.left > 0 {
			return n, fmt.Errorf("%w: %d bytes missing", errSize, e.left)
		}
		e.ended = true
	}
	return n, err
}

// end makes sure that the file has no more bytes than announced.
func (e *exactFile) end() error {
	var one [1]byte
	_, err := io.ReadFull(e.reader, one[:])
	switch {
	case errors.Is(err, io.EOF):
		e.ended = true
		return io.EOF
	case err == nil:
		return fmt.Errorf("%w: it is longer", errSize)
	}
	return fmt.Errorf("read file: %w", err)
}

func (e *exactFile) close() error {
	if e.reader == nil {
		return nil
	}
	r := e.reader
	e.reader = nil
	e.ended = true
	return r.Close()
}
