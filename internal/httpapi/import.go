package httpapi

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
)

type importRequest struct {
	RawBody []byte `contentType:"text/csv"`
}

type importAnswer struct {
	Created int           `json:"created"`
	Invites []importedOne `json:"invites" nullable:"false"`
	Errors  []importError `json:"errors" nullable:"false"`
}

type importedOne struct {
	Email  string  `json:"email"`
	Invite *Invite `json:"invite"`
}

type importError struct {
	Line int    `json:"line"`
	Code string `json:"code"`
}

// maxImport bounds the people of one file.
const maxImport = 1000

// importUsers reads a CSV file with a header line. A line that cannot be
// taken is told and does not stop the others.
func (s *Server) importUsers(ctx context.Context, a access.Actor, in *importRequest) (*body[importAnswer], error) {
	if err := a.Require(access.ManageUser); err != nil {
		return nil, err
	}
	roles, err := s.d.Access.ListRoles(ctx, a)
	if err != nil {
		return nil, err
	}
	teams, err := s.d.Access.ListTeams(ctx, a)
	if err != nil {
		return nil, err
	}
	out := importAnswer{Errors: []importError{}, Invites: []importedOne{}}
	raw := bytes.TrimPrefix(in.RawBody, []byte("\xef\xbb\xbf"))
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';' // what a Russian Excel writes
	}
	for line := 1; line <= maxImport+1; line++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			out.Errors = append(out.Errors, importError{line, "csv.malformed"})
			continue
		}
		if line == 1 && !strings.Contains(strings.Join(record, ""), "@") {
			continue // the header
		}
		n, code := newUserFrom(record, roles, teams)
		if code != "" {
			out.Errors = append(out.Errors, importError{line, code})
			continue
		}
		u, inv, err := s.d.Access.CreateUser(ctx, a, n)
		if k := fault.KindOf(err); err != nil && (k == fault.Internal || k == fault.Unavailable) {
			return nil, err
		}
		if err != nil {
			out.Errors = append(out.Errors, importError{line, fault.CodeOf(err)})
			continue
		}
		out.Created++
		out.Invites = append(out.Invites, importedOne{u.Email, s.inviteOf(inv)})
	}
	return &body[importAnswer]{out}, nil
}

func newUserFrom(record []string, roles []access.Role, teams []access.Team) (access.NewUser, string) {
	field := func(i int) string {
		if i < len(record) {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	n := access.NewUser{Name: field(0), Email: field(1)}
	for _, r := range roles {
		if strings.EqualFold(r.Name, field(2)) || (r.Key != "" && strings.EqualFold(string(r.Key), field(2))) || (field(2) == "" && r.Key == access.Agent) {
			n.Role = r.ID
		}
	}
	if n.Role == 0 {
		return n, "role.not_found"
	}
	for name := range strings.FieldsFuncSeq(field(3), func(r rune) bool { return r == ';' || r == '|' }) {
		known := false
		for _, t := range teams {
			if strings.EqualFold(t.Name, strings.TrimSpace(name)) {
				n.Teams, known = append(n.Teams, t.ID), true
			}
		}
		if !known {
			return n, "team.not_found"
		}
	}
	return n, ""
}
